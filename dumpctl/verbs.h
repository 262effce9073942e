/* SPDX-License-Identifier: MIT */
/*
 * What dumpctl can do: one file per verb. argv[0] is the verb's name; each prints its own
 * --help. Return: the exit status of dumpctl.
 */
#pragma once

#define VERB_DONE   0
#define VERB_FAILED 1 /* nothing matches, or the work failed */
#define VERB_USAGE  2

int verb_list(int argc, char **argv);
int verb_info(int argc, char **argv);
int verb_extract(int argc, char **argv);
int verb_debug(int argc, char **argv);
int verb_refilter(int argc, char **argv);
int verb_verify(int argc, char **argv);
int verb_rm(int argc, char **argv);
int verb_vacuum(int argc, char **argv);
int verb_disk_usage(int argc, char **argv);
int verb_config(int argc, char **argv);
int verb_setup(int argc, char **argv);
int verb_status(int argc, char **argv);
