/* SPDX-License-Identifier: MIT */
/*
 * The administrator's files as set-up touches them: whole or not at all.
 */
#pragma once

#include <sys/types.h>

#include "base/cleanup.h"

/* Replace path by a file with this text: written beside it, synced, renamed. */
int file_replace(const char *path, const char *text, mode_t mode) _must_check_;

/*
 * Make a directory and what is missing above it (0755). Return: 1 made, 0 it was there,
 * or negative errno.
 */
int directory_make(const char *path, mode_t mode) _must_check_;

/*
 * Is this a program that root may start: on every step of the path, and of the path that
 * links lead to, owned by root and not writable by group or others; at its end a file that
 * can be executed. Return: 0; negative errno with *ret_problem a new string for people.
 */
int program_trusted(const char *path, char **ret_problem) _must_check_;
