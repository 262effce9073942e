/* SPDX-License-Identifier: MIT */
/*
 * What the files said, in reading order: assignments and problems. Filled by config/parse.c,
 * read by config/config.c; nobody else looks inside.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "config/config.h"

/*
 * The record holds them and the journal repeats them: who has more mistakes than this has
 * given dumpd a file that is not its configuration.
 */
#define PROBLEMS_MAX 64

struct assignment {
	struct config_origin origin;
	enum setting which;
	const char *value; /* good: the key's parser took it */
};

struct problem {
	char *text; /* raw bytes until contents_finish, then one escaped line */
	enum setting about; /* the key that is now without this value, or SETTING_COUNT */
	const char *glob; /* the section it stands in */
};

struct config {
	char **texts; /* owns what origins and values point to */
	size_t text_count;
	struct assignment *assignments;
	size_t assignment_count;
	struct problem *problems;
	size_t problem_count;
	size_t problems_left_out;
	bool no_memory; /* something above is missing */
};

/* Keep a copy of n bytes. Return: the copy with a NUL, or NULL (no_memory is set). */
const char *contents_text(struct config *config, const char *bytes, size_t n);

/* origin: its file and glob must live as long as config. The value is copied. */
void contents_assign(struct config *config, const struct config_origin *origin,
		     enum setting which, const char *value);

/* Line 0 stands for the whole file. */
void contents_problem(struct config *config, const struct config_origin *where,
		      enum setting about, const char *format, ...) _printf_(4, 5);

/* All files are read: say what holds instead, make every problem one printable line. */
void contents_finish(struct config *config);
