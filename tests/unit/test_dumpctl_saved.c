/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dumpctl/saved.h"

#define OURS "|/usr/lib/dumpd %P %s %e"

static const struct sysctl_values foreign = { .value = { "|/usr/bin/other %p a=b", "16",
							 "0" } };
static const struct sysctl_values ours = { .value = { OURS, "512", "2" } };

static void assert_values(const struct sysctl_values *a, const struct sysctl_values *b)
{
	for (enum sysctl i = 0; i < SYSCTL_COUNT; i++)
		assert_string_equal(a->value[i], b->value[i]);
}

static void test_round_trip(void **state)
{
	struct saved saved = { .before = foreign, .set = ours, .masked = true }, back;
	_cleanup_free_ char *text = saved_print(&saved);

	(void)state;
	assert_non_null(text);
	assert_int_equal(saved_parse(text, &back), 0);
	assert_values(&back.before, &foreign);
	assert_values(&back.set, &ours);
	assert_true(back.masked);
}

/* An empty core_pattern is a value. */
static void test_empty_value(void **state)
{
	struct saved saved = { .before = { .value = { "", "0", "0" } }, .set = ours },
		     back;
	_cleanup_free_ char *text = saved_print(&saved);

	(void)state;
	assert_int_equal(saved_parse(text, &back), 0);
	assert_string_equal(back.before.value[SYSCTL_CORE_PATTERN], "");
	assert_false(back.masked);
}

static void test_damaged(void **state)
{
	struct saved saved = { .before = foreign, .set = ours }, back;
	_cleanup_free_ char *text = saved_print(&saved);
	char longer[512];

	(void)state;
	assert_int_equal(saved_parse("", &back), -EBADMSG);
	assert_int_equal(saved_parse("garbage\n\n=\n", &back), -EBADMSG);
	memset(longer, 'a', sizeof(longer));
	memcpy(longer, "set.fs.suid_dumpable=", 21);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(saved_parse(longer, &back), -EBADMSG);
	*strstr(text, "set.fs.") = 'X';
	assert_int_equal(saved_parse(text, &back), -EBADMSG);
}

static void test_update_first(void **state)
{
	struct saved saved;

	(void)state;
	saved_update(NULL, &foreign, &ours, &saved);
	assert_values(&saved.before, &foreign);
	assert_values(&saved.set, &ours);
}

/* A second setup sees the first one's values: the memory stays what it was. */
static void test_update_again(void **state)
{
	struct saved first = { .before = foreign, .set = ours, .masked = true }, second;
	struct sysctl_values wanted = ours;

	(void)state;
	strcpy(wanted.value[SYSCTL_CORE_PATTERN], "|/opt/dumpd %P %s %e");
	saved_update(&first, &ours, &wanted, &second);
	assert_values(&second.before, &foreign);
	assert_values(&second.set, &wanted);
	assert_true(second.masked);
}

/* Somebody took the pattern over between two setups: that is what to go back to. */
static void test_update_after_other(void **state)
{
	struct saved first = { .before = foreign, .set = ours }, second;
	struct sysctl_values now = ours;

	(void)state;
	strcpy(now.value[SYSCTL_CORE_PATTERN], "/var/crash/%p");
	saved_update(&first, &now, &ours, &second);
	assert_string_equal(second.before.value[SYSCTL_CORE_PATTERN], "/var/crash/%p");
	assert_string_equal(second.before.value[SYSCTL_CORE_PIPE_LIMIT], "16");
}

/* Set by hand before the first setup: never remembered as what was before. */
static void test_update_own_by_hand(void **state)
{
	struct saved saved;

	(void)state;
	saved_update(NULL, &ours, &ours, &saved);
	assert_string_equal(saved.before.value[SYSCTL_CORE_PATTERN], "core");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_empty_value),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_update_first),
		cmocka_unit_test(test_update_again),
		cmocka_unit_test(test_update_after_other),
		cmocka_unit_test(test_update_own_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
