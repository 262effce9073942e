/* SPDX-License-Identifier: MIT */
/*
 * Which crashes are meant. A match is
 *
 *   1234             a PID
 *   a1b2             4 to 12 hexadecimal digits, a letter first: an id or its beginning, if
 *                    there is a crash with it; otherwise a name
 *   FIELD=VALUE      a journal field's name (COREDUMP_UNIT) or the record's (unit)
 *   /usr/bin/x       an executable's path, deleted since or not
 *   redis-server     the name of the process, of its crashing thread, or of the executable
 *                    without its directories
 *
 * Texts are compared as bytes, with what is given as it is or escaped as dumpctl prints it.
 * Matches of the same field are alternatives, those of different fields must all hold.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "store/index.h"

struct match {
	const struct record_field *field; /* what is compared */
	bool maybe_id; /* an id if there is one, else field */
	bool also_deleted; /* exe: " (deleted)" may follow */
	bool any_name; /* comm: the crashing thread's and the executable's as well */
	const char *text; /* as given, borrowed */
	int64_t number;
};

/* Return: 0; -EINVAL, and *ret_reason (static text) tells people why. */
int match_parse(const char *text, struct match *ret,
		const char **ret_reason) _must_check_;

/* Decide between id and name for those that may be either. */
void match_resolve(struct match *matches, size_t n, const struct index *index);

/* No match at all holds for everything. */
bool match_all(const struct match *matches, size_t n, const struct record *record);
