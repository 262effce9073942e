/* SPDX-License-Identifier: MIT */
/*
 * dumpd.conf and dumpd.conf.d: reading them, and what they come to for one executable.
 *
 * FILE is read first, then FILE.d's *.conf in the order of their names; what is read later
 * overrides. [Dump] holds for all, [Executable "GLOB"] for the executables whose path matches
 * (fnmatch(3) on the whole path), in the order they are read, after all of [Dump].
 * What cannot be understood becomes a problem and is left out: what else sets that key holds,
 * at last the default. A typing mistake never loses a dump.
 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "config/settings.h"

#ifndef CONFIG_FILE
#define CONFIG_FILE "/etc/dumpd/dumpd.conf"
#endif

/* Where a value is from. file is NULL for the built-in default. */
struct config_origin {
	const char *file; /* lives as long as the struct config */
	unsigned int line;
	const char *glob; /* the [Executable] section, NULL for [Dump] */
};

struct config; /* opaque: files, assignments in order, problems */

/*
 * Read the configuration of path (CONFIG_FILE if NULL). A missing default file is no
 * problem; a missing file that was asked for by name is. Never fails but without memory.
 * Return: 0 or -ENOMEM.
 */
int config_load(const char *path, struct config **ret) _must_check_;
void config_free(struct config *config);

/*
 * What holds for an executable. exe: its path, NULL if unknown (then no [Executable]
 * section matches, unless its glob is "*"). ret_origin may be NULL.
 */
void config_resolve(const struct config *config, const char *exe, struct settings *ret,
		    struct config_origin ret_origin[SETTING_COUNT]);

/* Problems in reading order, "FILE:LINE: what, and what holds instead". */
size_t config_problem_count(const struct config *config);
const char *config_problem(const struct config *config, size_t i);

/* The key's name and its value in the form of the file, for `dumpctl config`. */
const char *setting_name(enum setting which);
/* Return: a new string, NULL without memory. */
char *setting_print(const struct settings *settings, enum setting which) _must_check_;

/* Built-in defaults. */
void settings_default(struct settings *ret);

static inline void config_freep(struct config **config)
{
	config_free(*config);
}
#define _cleanup_config_ _cleanup_(config_freep)
