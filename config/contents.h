/* SPDX-License-Identifier: MIT */
/*
 * What the files said, in reading order: sections, assignments and problems. Filled by
 * config/parse.c, read by config/config.c and config/resolve.c; nobody else looks inside.
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

struct problem {
	char *text; /* raw bytes until contents_finish, then one escaped line */
	enum setting about; /* the key that is now without this value, or SETTING_COUNT */
	bool overriding; /* it stands in another section than [Dump] */
};

struct config {
	char **texts; /* owns what origins and values point to */
	size_t text_count;
	struct config_section **sections; /* each for itself: origins point to it */
	size_t section_count;
	struct config_assignment *assignments;
	size_t assignment_count;
	struct problem *problems;
	size_t problem_count;
	size_t problems_left_out;
	bool no_memory; /* something above is missing */
};

/* Keep a copy of n bytes. Return: the copy with a NUL, or NULL (no_memory is set). */
const char *contents_text(struct config *config, const char *bytes, size_t n);

/* name: n bytes, copied; section->name is not looked at. Return: NULL without memory. */
const struct config_section *contents_section(struct config *config,
					      const struct config_section *section,
					      const char *name, size_t n);

/* origin: its file and section must live as long as config. The value is copied. */
void contents_assign(struct config *config, const struct config_origin *origin,
		     enum setting which, const char *value);

/* Line 0 stands for the whole file. */
void contents_problem(struct config *config, const struct config_origin *where,
		      enum setting about, const char *format, ...) _printf_(4, 5);

/* All files are read: say what holds instead, make every problem one printable line. */
void contents_finish(struct config *config);
