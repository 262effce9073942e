/* SPDX-License-Identifier: MIT */
/*
 * A configuration file. Input: four texts with a NUL behind each (executable, unit, cgroup, what
 * the process asks for), then the file.
 *
 * Whatever comes: every problem is a printable line, and what holds, printed as a file, is read
 * back without a problem and holds again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/table.h"

#include "config/ask.h"
#include "config/contents.h"
#include "config/parse.h"

static struct config *parse(struct input in)
{
	struct config *config = calloc(1, sizeof(*config));
	uint8_t *bytes = input_copy(in);

	assert_non_null(config);
	config_parse(config, "F", (const char *)bytes, in.n);
	contents_finish(config);
	assert_false(config->no_memory);
	free(bytes);
	return config;
}

static void check_problems(const struct config *config)
{
	assert_true(config_problem_count(config) <= PROBLEMS_MAX + 1);
	for (size_t i = 0; i < config_problem_count(config); i++) {
		const char *problem = config_problem(config, i);

		assert_true(*problem != '\0');
		for (const char *p = problem; *p; p++)
			assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
	}
}

/* As `dumpctl config` prints it. */
static char *print(const struct settings *settings)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	fprintf(out, "[Dump]\n");
	for (enum setting i = 0; i < SETTING_COUNT; i++) {
		_cleanup_free_ char *value = setting_print(settings, i);

		assert_non_null(value);
		fprintf(out, "%s=%s\n", setting_name(i), value);
	}
	fclose(out);
	return text;
}

static void check_round_trip(const struct settings *settings)
{
	_cleanup_free_ char *text = print(settings);
	_cleanup_free_ char *again_text = NULL;
	_cleanup_config_ struct config *config =
		parse((struct input){ (const uint8_t *)text, strlen(text) });
	struct settings again;

	if (config_problem_count(config))
		fail_msg("%s", config_problem(config, 0));
	config_resolve(config, NULL, &again, NULL);
	again_text = print(&again);
	assert_string_equal(again_text, text);
}

static void check_asked(const char *asked, struct settings *settings)
{
	enum dump_type type, before = settings->type;

	if (dump_type_parse(asked, &type) < 0)
		return;
	if (ask_apply(settings, type))
		assert_int_equal(settings->type, type);
	else
		assert_int_equal(settings->type, before);
}

void fuzz_one(struct input in)
{
	char *exe = input_text(&in), *unit = input_text(&in), *cgroup = input_text(&in);
	char *asked = input_text(&in);
	const struct config_subject subject = {
		.exe = exe, .unit = unit, .cgroup = cgroup, .uid = 0
	};
	_cleanup_config_ struct config *config = parse(in);
	struct config_origin origins[SETTING_COUNT];
	struct settings settings;

	check_problems(config);
	config_resolve(config, &subject, &settings, origins);
	for (size_t i = 0; i < SETTING_COUNT; i++)
		assert_true(!origins[i].file || origins[i].line > 0);
	check_round_trip(&settings);
	check_asked(asked, &settings);
	config_resolve(config, NULL, &settings, NULL);
	check_round_trip(&settings);
	free(exe);
	free(unit);
	free(cgroup);
	free(asked);
}
