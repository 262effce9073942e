/* SPDX-License-Identifier: MIT */
/*
 * dumpd.conf and dumpd.conf.d: reading them, and what they come to for one executable.
 *
 * FILE is read first, then FILE.d's *.conf in the order of their names; what is read later
 * overrides. [Dump] holds for all. The other sections hold for some crashes, in the order they
 * are read, after all of [Dump]: [Executable "GLOB"], [Unit "GLOB"] and [Cgroup "GLOB"]
 * (fnmatch(3) on the whole path or name) and [User "NAME-OR-UID"].
 * What cannot be understood becomes a problem and is left out: what else sets that key holds,
 * at last the default. A typing mistake never loses a dump.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "config/settings.h"

#ifndef CONFIG_FILE
#define CONFIG_FILE "/etc/dumpd/dumpd.conf"
#endif

enum config_kind {
	CONFIG_DUMP,
	CONFIG_EXECUTABLE,
	CONFIG_UNIT,
	CONFIG_CGROUP,
	CONFIG_USER,
	CONFIG_KINDS,
};

/* A section that overrides [Dump]. It and its texts live as long as the struct config. */
struct config_section {
	enum config_kind kind;
	const char *name; /* the glob, or the user, as it was written */
	int64_t uid; /* CONFIG_USER; else -1 */
	const char *file;
	unsigned int line;
};

/* Where a value is from. file is NULL for the built-in default. */
struct config_origin {
	const char *file; /* lives as long as the struct config */
	unsigned int line;
	const struct config_section *section; /* NULL: [Dump] */
};

/* A line that was understood: KEY=VALUE. */
struct config_assignment {
	struct config_origin origin;
	enum setting which;
	const char *value; /* good: the key's parser took it */
};

/* What sections are compared with: the facts of a crash. NULL: unknown, matched by "*" only. */
struct config_subject {
	const char *exe; /* its path, with " (deleted)" if /proc says so */
	const char *unit, *user_unit; /* systemd's names; [Unit] asks for either */
	const char *cgroup;
	int64_t uid; /* real; -1: unknown, no [User] matches */
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
 * What holds for a crash. subject: NULL if nothing is known, or asked for all. ret_origin may
 * be NULL.
 */
void config_resolve(const struct config *config, const struct config_subject *subject,
		    struct settings *ret, struct config_origin ret_origin[SETTING_COUNT]);

/* Does the section hold for it? */
bool config_matches(const struct config_section *section,
		    const struct config_subject *subject);

/* "Executable", ...: as the section is written. */
const char *config_kind_name(enum config_kind kind);

/* All sections but [Dump], and all assignments, both in reading order. */
size_t config_section_count(const struct config *config);
const struct config_section *config_section(const struct config *config, size_t i);
size_t config_assignment_count(const struct config *config);
const struct config_assignment *config_assignment(const struct config *config, size_t i);

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
