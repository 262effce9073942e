/* SPDX-License-Identifier: MIT */
/*
 * From a finished file and its record to a published dump.
 */
#pragma once

#include "handler/access.h"
#include "handler/report.h"
#include "store/record.h"

struct keep {
	const char *directory; /* of the store, as configured */
	const char *name_template;
	int store_fd, file_fd;
	const struct access_facts *access;
	const struct report *report;
};

/*
 * Give access, write the record into its frame, set attributes, publish. On success record->filename and
 * size_file are known; on failure outcome and reason say so. Return: 0 or negative errno.
 */
int keep_dump(const struct keep *keep, struct record *record) _must_check_;

/* What a template makes of the record; the suffix is the store's. NULL: no memory. */
char *keep_stem(const char *name_template, const struct report *report,
		const struct record *record) _must_check_;

/* Frame 1 of a finished file: the record. Return: 0 or negative errno. */
int keep_record(int file_fd, const struct record *record) _must_check_;

/* Turn the record into one of a crash without a dump, and add a line to its reason. */
int keep_failed(struct record *record, const char *what, int error) _must_check_;
