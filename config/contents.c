/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>

#include "base/escape.h"
#include "config/contents.h"
#include "config/keys.h"

/* Room for one more element; the array doubles whenever its count is a power of two. */
static bool grow(struct config *config, void *array, size_t count, size_t size)
{
	void *old, *bigger;

	if ((count & (count - 1)) != 0)
		return true;
	memcpy(&old, array, sizeof(old));
	bigger = reallocarray(old, count ? count * 2 : 1, size);
	if (!bigger) {
		config->no_memory = true;
		return false;
	}
	memcpy(array, &bigger, sizeof(bigger));
	return true;
}

const char *contents_text(struct config *config, const char *bytes, size_t n)
{
	char *text;

	if (!grow(config, &config->texts, config->text_count, sizeof(char *)))
		return NULL;
	text = strndup(bytes, n);
	if (!text) {
		config->no_memory = true;
		return NULL;
	}
	config->texts[config->text_count++] = text;
	return text;
}

const struct config_section *contents_section(struct config *config,
					      const struct config_section *section,
					      const char *name, size_t n)
{
	const char *kept = contents_text(config, name, n);
	struct config_section *copy;

	if (!kept || !grow(config, &config->sections, config->section_count,
			   sizeof(struct config_section *)))
		return NULL;
	copy = malloc(sizeof(*copy));
	if (!copy) {
		config->no_memory = true;
		return NULL;
	}
	*copy = *section;
	copy->name = kept;
	config->sections[config->section_count++] = copy;
	return copy;
}

void contents_assign(struct config *config, const struct config_origin *origin,
		     enum setting which, const char *value)
{
	const char *copy = contents_text(config, value, strlen(value));

	if (!copy || !grow(config, &config->assignments, config->assignment_count,
			   sizeof(struct config_assignment)))
		return;
	config->assignments[config->assignment_count++] = (struct config_assignment){
		.origin = *origin,
		.which = which,
		.value = copy,
	};
}

static void add_problem(struct config *config, const struct config_origin *where,
			enum setting about, char *text)
{
	if (!text || !grow(config, &config->problems, config->problem_count,
			   sizeof(struct problem))) {
		config->no_memory = true;
		free(text);
		return;
	}
	config->problems[config->problem_count++] = (struct problem){
		.text = text,
		.about = about,
		.overriding = where && where->section,
	};
}

/* "FILE:LINE: " or "FILE: " and what comes after it. */
static char *with_place(const struct config_origin *where, const char *what)
{
	char *text;
	int n;

	if (where->line > 0)
		n = asprintf(&text, "%s:%u: %s", where->file, where->line, what);
	else
		n = asprintf(&text, "%s: %s", where->file, what);
	return n < 0 ? NULL : text;
}

void contents_problem(struct config *config, const struct config_origin *where,
		      enum setting about, const char *format, ...)
{
	_cleanup_free_ char *what = NULL;
	va_list arguments;
	int n;

	if (config->problem_count == PROBLEMS_MAX) {
		config->problems_left_out++;
		return;
	}
	va_start(arguments, format);
	n = vasprintf(&what, format, arguments);
	va_end(arguments);
	if (n < 0) {
		what = NULL; /* undefined after a failure */
		config->no_memory = true;
		return;
	}
	add_problem(config, where, about, with_place(where, what));
}

/* Return: the problem with what holds instead, NULL without memory. */
static char *with_rest(const struct problem *problem, const struct settings *settings,
		       const struct config_origin origins[SETTING_COUNT])
{
	const struct config_origin *origin = &origins[problem->about];
	_cleanup_free_ char *value = setting_print(settings, problem->about);
	const char *name = setting_name(problem->about);
	char *text;
	int n;

	if (!value)
		return NULL;
	if (problem->overriding && !keys[problem->about].dump_only)
		n = asprintf(&text, "%s; %s=%s holds unless another section matches",
			     problem->text, name, value);
	else if (origin->file)
		n = asprintf(&text, "%s; %s=%s of %s:%u holds", problem->text, name,
			     value, origin->file, origin->line);
	else
		n = asprintf(&text, "%s; %s=%s holds (the default)", problem->text, name,
			     value);
	return n < 0 ? NULL : text;
}

static char *finish_problem(const struct problem *problem,
			    const struct settings *settings,
			    const struct config_origin origins[SETTING_COUNT])
{
	_cleanup_free_ char *longer = NULL;

	if (problem->about == SETTING_COUNT)
		return escape_text(problem->text, strlen(problem->text));
	longer = with_rest(problem, settings, origins);
	return longer ? escape_text(longer, strlen(longer)) : NULL;
}

static void count_left_out(struct config *config)
{
	char *text;

	if (config->problems_left_out == 0)
		return;
	if (asprintf(&text, "%zu more problems are not shown",
		     config->problems_left_out) < 0)
		text = NULL;
	add_problem(config, NULL, SETTING_COUNT, text);
}

void contents_finish(struct config *config)
{
	struct config_origin origins[SETTING_COUNT];
	struct settings settings;

	config_resolve(config, NULL, &settings, origins);
	for (size_t i = 0; i < config->problem_count; i++) {
		char *text = finish_problem(&config->problems[i], &settings, origins);

		if (!text) {
			config->no_memory = true;
			return;
		}
		free(config->problems[i].text);
		config->problems[i].text = text;
	}
	count_left_out(config);
}
