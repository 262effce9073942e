/* SPDX-License-Identifier: MIT */
/*
 * A configuration as text, so that one comparison shows all of it.
 */
#pragma once

#include <stdio.h>
#include <string.h>

#include "config/config.h"

static inline void told_section(const struct config_section *section, FILE *out)
{
	if (section && section->kind == CONFIG_EXECUTABLE)
		fprintf(out, "[%s]", section->name);
	else if (section)
		fprintf(out, "[%s %s]", config_kind_name(section->kind), section->name);
}

/*
 * "Type=heap@a.conf:2 MaxSize=1G@a.conf:5[GLOB] Budget=0@a.conf:9[Unit GLOB]": what is not the
 * built-in default.
 */
static inline char *told_subject(const struct config *config,
				 const struct config_subject *subject)
{
	struct config_origin origins[SETTING_COUNT];
	struct settings settings;
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	config_resolve(config, subject, &settings, origins);
	for (enum setting i = 0; i < SETTING_COUNT; i++) {
		_cleanup_free_ char *value = setting_print(&settings, i);
		const char *slash = origins[i].file ? strrchr(origins[i].file, '/')
						    : NULL;

		if (!origins[i].file)
			continue;
		fprintf(out, "%s%s=%s@%s:%u", ftell(out) ? " " : "", setting_name(i),
			value, slash ? slash + 1 : origins[i].file, origins[i].line);
		told_section(origins[i].section, out);
	}
	fclose(out);
	return text;
}

static inline char *told_settings(const struct config *config, const char *exe)
{
	const struct config_subject subject = { .exe = exe, .uid = -1 };

	return told_subject(config, &subject);
}

/* Every problem on a line, without the directory they are in. */
static inline char *told_problems(const struct config *config, const char *directory)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	for (size_t i = 0; i < config_problem_count(config); i++) {
		const char *problem = config_problem(config, i), *at;
		size_t skip = directory ? strlen(directory) : 0;

		while (skip && (at = strstr(problem, directory))) {
			fprintf(out, "%.*s", (int)(at - problem), problem);
			problem = at + skip;
		}
		fprintf(out, "%s\n", problem);
	}
	fclose(out);
	return text;
}
