/* SPDX-License-Identifier: MIT */
/*
 * Which sections hold for a crash, by each fact of it, and which of them wins.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/config_told.h"
#include "tests/unit/table.h"

#include "config/parse.h"

struct row {
	const char *name;
	const char *text;
	struct config_subject subject;
	const char *settings;
};

static const struct row rows[] = {
	{ "unit",
	  "[Unit \"a.service\"]\nType=heap\n",
	  { .unit = "a.service", .uid = -1 },
	  "Type=heap@F:2[Unit a.service]" },
	{ "another unit",
	  "[Unit \"a.service\"]\nType=heap\n",
	  { .unit = "b.service", .uid = -1 },
	  "" },
	{ "unit by a glob",
	  "[Unit \"getty@*.service\"]\nType=heap\n",
	  { .unit = "getty@tty1.service", .uid = -1 },
	  "Type=heap@F:2[Unit getty@*.service]" },
	{ "user unit",
	  "[Unit \"a.service\"]\nType=heap\n",
	  { .unit = "user@1000.service", .user_unit = "a.service", .uid = -1 },
	  "Type=heap@F:2[Unit a.service]" },
	{ "the user's manager",
	  "[Unit \"user@*.service\"]\nType=heap\n",
	  { .unit = "user@1000.service", .user_unit = "a.service", .uid = -1 },
	  "Type=heap@F:2[Unit user@*.service]" },
	{ "no unit", "[Unit \"a*\"]\nType=heap\n", { .uid = -1 }, "" },
	{ "no unit, and the star",
	  "[Unit \"*\"]\nType=heap\n",
	  { .uid = -1 },
	  "Type=heap@F:2[Unit *]" },
	{ "a unit is no executable",
	  "[Executable \"*.service\"]\nType=heap\n",
	  { .unit = "a.service", .uid = -1 },
	  "" },

	{ "cgroup",
	  "[Cgroup \"/system.slice/a.service\"]\nType=heap\n",
	  { .cgroup = "/system.slice/a.service", .uid = -1 },
	  "Type=heap@F:2[Cgroup /system.slice/a.service]" },
	{ "cgroup below",
	  "[Cgroup \"/machine.slice/*\"]\nType=heap\n",
	  { .cgroup = "/machine.slice/a/b", .uid = -1 },
	  "Type=heap@F:2[Cgroup /machine.slice/*]" },
	{ "cgroup above",
	  "[Cgroup \"/a/b\"]\nType=heap\n",
	  { .cgroup = "/a", .uid = -1 },
	  "" },
	{ "no cgroup", "[Cgroup \"/*\"]\nType=heap\n", { .uid = -1 }, "" },
	{ "no cgroup, and the star",
	  "[Cgroup \"*\"]\nType=heap\n",
	  { .uid = -1 },
	  "Type=heap@F:2[Cgroup *]" },

	{ "user by uid",
	  "[User \"1000\"]\nType=heap\n",
	  { .uid = 1000 },
	  "Type=heap@F:2[User 1000]" },
	{ "another uid", "[User \"1000\"]\nType=heap\n", { .uid = 100 }, "" },
	{ "user by name",
	  "[User \"root\"]\nType=heap\n",
	  { .uid = 0 },
	  "Type=heap@F:2[User root]" },
	{ "another's name", "[User \"root\"]\nType=heap\n", { .uid = 1 }, "" },
	{ "unknown user", "[User \"0\"]\nType=heap\n", { .uid = -1 }, "" },
	{ "the last uid",
	  "[User \"4294967294\"]\nType=heap\n",
	  { .uid = 4294967294 },
	  "Type=heap@F:2[User 4294967294]" },
	{ "nothing known of the record",
	  "[User \"0\"]\nType=heap\n",
	  { .uid = INT64_MIN },
	  "" },

	{ "the last section wins, whatever it asks for",
	  "[User \"0\"]\nType=heap\nBudget=1\n[Unit \"a\"]\nType=full\n[Dump]\nType=none\n"
	  "MaxSize=1\n[Executable \"/x\"]\nBudget=2\n",
	  { .exe = "/x", .unit = "a", .uid = 0 },
	  "Type=full@F:5[Unit a] Budget=2@F:10[/x] MaxSize=1@F:8" },
	{ "the same, two of them",
	  "[User \"0\"]\nType=heap\nBudget=1\n[Unit \"a\"]\nType=full\n[Dump]\nType=none\n"
	  "MaxSize=1\n[Executable \"/x\"]\nBudget=2\n",
	  { .exe = "/y", .uid = 0 },
	  "Type=heap@F:2[User 0] Budget=1@F:3[User 0] MaxSize=1@F:8" },
	{ "two sections of one name",
	  "[Unit \"a\"]\nType=heap\n[Unit \"a\"]\nBudget=1\n",
	  { .unit = "a", .uid = -1 },
	  "Type=heap@F:2[Unit a] Budget=1@F:4[Unit a]" },
	{ "a list is replaced, not added to",
	  "[Dump]\nKeep=/a /b\n[Unit \"a\"]\nKeep=/c\n[Unit \"b\"]\nKeep=\n",
	  { .unit = "a", .uid = -1 },
	  "Keep=/c@F:4[Unit a]" },
	{ "a list is emptied",
	  "[Dump]\nKeep=/a /b\n[Unit \"b\"]\nKeep=\n",
	  { .unit = "b", .uid = -1 },
	  "Keep=@F:4[Unit b]" },
};

static struct config *parse(const char *text)
{
	struct config *config = calloc(1, sizeof(*config));

	assert_non_null(config);
	config_parse(config, "F", text, strlen(text));
	contents_finish(config);
	assert_false(config->no_memory);
	return config;
}

static void test_row(void **state)
{
	const struct row *row = *state;
	_cleanup_config_ struct config *config = parse(row->text);
	_cleanup_free_ char *settings = told_subject(config, &row->subject);
	_cleanup_free_ char *problems = told_problems(config, NULL);

	assert_string_equal(problems, "");
	assert_string_equal(settings, row->settings);
}

/* Nothing known is no root: a subject that is not there has no uid. */
static void test_no_subject(void **state)
{
	_cleanup_config_ struct config *config =
		parse("[User \"0\"]\nType=heap\n[Executable \"*\"]\nBudget=1\n");
	_cleanup_free_ char *settings = told_subject(config, NULL);

	(void)state;
	assert_string_equal(settings, "Budget=1@F:4[*]");
}

/* What --explain goes through: sections with their headers' lines, lines that were good. */
static void test_contents(void **state)
{
	_cleanup_config_ struct config *config = parse(
		"[Dump]\nType=heap\n[User \"root\"]\nType=big\n\n[Unit \"a\"]\nType=full\n");
	const struct config_section *section;

	(void)state;
	assert_int_equal(config_section_count(config), 2);
	section = config_section(config, 0);
	assert_string_equal(config_kind_name(section->kind), "User");
	assert_string_equal(section->name, "root");
	assert_string_equal(section->file, "F");
	assert_int_equal(section->line, 3);
	assert_int_equal(section->uid, 0);
	section = config_section(config, 1);
	assert_int_equal(section->kind, CONFIG_UNIT);
	assert_int_equal(section->line, 6);
	assert_int_equal(section->uid, -1);
	assert_int_equal(config_assignment_count(config), 2);
	assert_null(config_assignment(config, 0)->origin.section);
	assert_ptr_equal(config_assignment(config, 1)->origin.section, section);
	assert_int_equal(config_assignment(config, 1)->origin.line, 7);
	assert_int_equal(config_assignment(config, 1)->which, SETTING_TYPE);
	assert_string_equal(config_assignment(config, 1)->value, "full");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_subject),
		cmocka_unit_test(test_contents),
	};
	int failed = RUN_TABLE(rows, test_row);

	failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
