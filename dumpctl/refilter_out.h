/* SPDX-License-Identifier: MIT */
/*
 * Where a dump that was filtered again goes: a file that nobody has yet, or a directory, where it
 * is named as in a store. Until it is complete it has no name.
 */
#pragma once

#include <limits.h>

#include "handler/report.h"
#include "store/publish.h"
#include "store/record.h"

struct refilter_out {
	int directory, file;
	char path[PATH_MAX]; /* of the directory */
	char name[STORE_NAME_SIZE]; /* "": by name_template */
	uint64_t stored; /* bytes on disk, once it is published */
};

/* Return: 0; -1 after a message. */
int refilter_out_open(const char *path, struct refilter_out *ret) _must_check_;
void refilter_out_close(struct refilter_out *out);

/* The record, then the name, which is then known. Return: 0; -1 after a message. */
int refilter_out_publish(struct refilter_out *out, const char *name_template,
			 const struct report *report,
			 const struct record *record) _must_check_;
