/* SPDX-License-Identifier: MIT */
/*
 * The record's `modules`: a line for each mapped ELF file, "BUILDID START PATH". BUILDID is in hexadecimal
 * digits, or a word that says why there is none; START is the hexadecimal address of the ELF header;
 * in PATH a line break is \012. First comes the executable, where it is known; at the end "N more", where
 * there was no room. Hostile by assumption, as all of a record.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/* Room for 64 bytes in hexadecimal digits, or one of the words, and a NUL. */
#define MODULE_BUILD_ID_SIZE 129

#define MODULE_NONE	 "none"
#define MODULE_UNREAD	 "unread"
#define MODULE_BAD_SIZE	 "bad-size"
#define MODULE_BAD_PLACE "bad-place"
#define MODULE_TWO	 "two"
#define MODULE_MORE	 "more"

struct module_line {
	char build_id[MODULE_BUILD_ID_SIZE]; /* "": there is none */
	const char *why; /* then: why, for people, static text; else NULL */
	uint64_t start;
	const char *path; /* in the text; n bytes */
	size_t n;
};

/*
 * The line at *text, which moves behind it. Lines that are none are passed over. Return: false at the
 * end.
 */
bool modules_next(const char **text, struct module_line *ret);

/* How many there are more, by the last line; 0: none. */
uint64_t modules_more(const char *text);

/*
 * The first of the lines, `size` bytes of them at most, and the number of the others. A new string,
 * NULL without memory.
 */
char *modules_shorten(const char *text, size_t size) _must_check_;
