/* SPDX-License-Identifier: MIT */
/*
 * Which sections hold for one crash, and what all that holds comes to.
 */
#include <fnmatch.h>
#include <string.h>

#include "config/contents.h"
#include "config/keys.h"

/* How /proc/PID/exe ends once the file was replaced, as every update does. */
#define DELETED " (deleted)"

const char *config_kind_name(enum config_kind kind)
{
	static const char *const names[CONFIG_KINDS] = {
		[CONFIG_DUMP] = "Dump", [CONFIG_EXECUTABLE] = "Executable",
		[CONFIG_UNIT] = "Unit", [CONFIG_CGROUP] = "Cgroup",
		[CONFIG_USER] = "User",
	};

	return names[kind];
}

/* Every '*' and '?' matches '/', too: "/opt/app/" followed by a star is all below it. */
static bool matches(const char *glob, const char *text)
{
	return text && fnmatch(glob, text, 0) == 0;
}

static bool is_star(const char *glob)
{
	return strcmp(glob, "*") == 0;
}

/* The path without DELETED, a new string; NULL if it does not end so (or without memory). */
static char *path_before_update(const char *exe)
{
	size_t n = exe ? strlen(exe) : 0, end = strlen(DELETED);

	if (n <= end || strcmp(exe + n - end, DELETED) != 0)
		return NULL;
	return strndup(exe, n - end);
}

static bool matches_exe(const char *glob, const char *exe)
{
	_cleanup_free_ char *before = path_before_update(exe);

	return is_star(glob) || matches(glob, exe) || matches(glob, before);
}

bool config_matches(const struct config_section *section,
		    const struct config_subject *subject)
{
	static const struct config_subject unknown = { .uid = -1 };
	const char *glob = section->name;

	if (!subject)
		subject = &unknown;
	switch (section->kind) {
	case CONFIG_EXECUTABLE:
		return matches_exe(glob, subject->exe);
	case CONFIG_UNIT:
		return is_star(glob) || matches(glob, subject->unit) ||
		       matches(glob, subject->user_unit);
	case CONFIG_CGROUP:
		return is_star(glob) || matches(glob, subject->cgroup);
	default: /* CONFIG_USER: [Dump] is no struct config_section */
		return subject->uid >= 0 && section->uid == subject->uid;
	}
}

static void assign(const struct config_assignment *assignment, struct settings *settings,
		   struct config_origin *origins)
{
	/* The parser took this text before; it has nothing new to say. */
	(void)keys[assignment->which].parse(assignment->value, settings);
	if (origins)
		origins[assignment->which] = assignment->origin;
}

void config_resolve(const struct config *config, const struct config_subject *subject,
		    struct settings *ret, struct config_origin ret_origin[SETTING_COUNT])
{
	settings_default(ret);
	if (ret_origin)
		memset(ret_origin, 0, SETTING_COUNT * sizeof(*ret_origin));
	for (size_t i = 0; i < config->assignment_count; i++) {
		const struct config_assignment *assignment = &config->assignments[i];

		if (!assignment->origin.section)
			assign(assignment, ret, ret_origin);
	}
	for (size_t i = 0; i < config->assignment_count; i++) {
		const struct config_assignment *assignment = &config->assignments[i];
		const struct config_section *section = assignment->origin.section;

		if (section && config_matches(section, subject))
			assign(assignment, ret, ret_origin);
	}
}
