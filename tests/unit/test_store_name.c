/* SPDX-License-Identifier: MIT */
/*
 * Templates of names: every specifier, hostile values, and that a name is always a name.
 */
#include <string.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "base/escape.h"
#include "store/name.h"

#define DEFAULT "core.%e.%u.%B.%P.%T"

static char long_template[4097];

static void fill(struct record *record)
{
	record_init(record);
	record->boot_id = strdup("0123456789abcdef0123456789abcdef");
	record->hostname = strdup("host.example");
	record->comm = strdup("my-prog");
	record->exe = strdup("/usr/lib/my prog");
	record->timestamp = 1700000000123456;
	record->pid = 4711;
	record->tid = 4712;
	record->uid = 1000;
	record->gid = 1001;
	record->signal = 11;
	record->dumpable = 1;
	record->rlimit = RECORD_UNLIMITED;
}

struct row {
	const char *name, *template, *expected;
};

static const struct row rows[] = {
	{ "default", DEFAULT,
	  "core.my-prog.1000.0123456789abcdef0123456789abcdef.4711.1700000000123456" },
	{ "text alone", "core", "core" },
	{ "all plain characters", "azAZ09_.+@:,=-", "azAZ09_.+@:,=-" },
	{ "%P", "%P", "4711" },
	{ "%p in another namespace", "%p", "7" },
	{ "%I", "%I", "4712" },
	{ "%i in another namespace", "%i", "8" },
	{ "%u and %g", "%u:%g", "1000:1001" },
	{ "%s", "%s", "11" },
	{ "%d", "%d", "1" },
	{ "%c", "%c", "9223372036854775807" },
	{ "%t and %T", "%t-%T", "1700000000-1700000000123456" },
	{ "%h", "%h", "host%2eexample" },
	{ "%e", "%e", "my-prog" },
	{ "%E", "%E", "%21usr%21lib%21my%20prog" },
	{ "%f", "%f", "my%20prog" },
	{ "%B", "%B", "0123456789abcdef0123456789abcdef" },
	{ "%C is not told", "%C", "unknown" },
	{ "%%", "100%%", "100%25" },
	{ "%%e is no %e", "%%e", "%25e" },
	{ "an unknown specifier is dropped", "a%zb", "ab" },
	{ "a percent sign at the end", "a%", "a_" },
	{ "a percent sign alone", "%", "_" },
	{ "empty", "", "core" },
	{ "only an unknown specifier", "%z", "core" },
	{ "a dot first", ".hidden", "_hidden" },
	{ "dots", "..", "_." },
	{ "slashes", "a/../b", "a_.._b" },
	{ "a blank, a newline and more", "a b\nc\x7f\xff!", "a_b_c___" },
	{ "an unknown one, then a dot", "%z.x", "_x" },
	{ "long", long_template, NULL },
};

static void assert_is_name(const char *name)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+%@:,=-";
	size_t n = strlen(name);

	assert_true(n >= 1 && n <= NAME_MAX_STEM);
	assert_int_equal(strspn(name, plain), n);
	assert_int_not_equal(name[0], '.');
}

static void test_template(void **state)
{
	const struct row *row = *state;
	struct record record;
	struct name_facts facts = { &record, 7, 8 };
	_cleanup_free_ char *name = NULL;

	fill(&record);
	name = name_expand(row->template, &facts);
	assert_is_name(name);
	if (row->expected)
		assert_string_equal(name, row->expected);
	record_done(&record);
}

/* Nothing is known. */
static void test_unknown(void **state)
{
	static const char specifiers[] = "BcCdeEfghiIpPstTu";
	struct record record;
	struct name_facts facts = { &record, RECORD_UNKNOWN, RECORD_UNKNOWN };

	(void)state;
	record_init(&record);
	for (const char *p = specifiers; *p; p++) {
		char template[] = { '%', *p, '\0' };
		_cleanup_free_ char *name = name_expand(template, &facts);

		assert_string_equal(name, "unknown");
	}
	record.pid = 5;
	record.tid = 6;
	for (int i = 0; i < 2; i++) { /* without a namespace of its own: as %P and %I */
		_cleanup_free_ char *name = name_expand(i ? "%p.%i" : "%P.%I", &facts);

		assert_string_equal(name, "5.6");
	}
	record_done(&record);
}

/* A value of escapes only may not push what makes a name unique out of it. */
static void test_long_values(void **state)
{
	static const char *const templates[] = { "%E.%P.%T", "%f.%P.%T", "%h.%P.%T",
						 "%e.%P.%T" };
	static const char tail[] = ".4711.1700000000123456";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(templates); i++) {
		struct record record;
		struct name_facts facts = { &record, 7, 8 };
		_cleanup_free_ char *name = NULL, *value = NULL, *bytes = NULL;
		char hostile[5000];
		size_t n;

		memset(hostile, '\xff', sizeof(hostile) - 1);
		hostile[sizeof(hostile) - 1] = '\0';
		fill(&record);
		free(record.exe);
		free(record.hostname);
		free(record.comm);
		record.exe = strdup(hostile);
		record.hostname = strdup(hostile);
		record.comm = strdup(hostile);
		name = name_expand(templates[i], &facts);
		assert_is_name(name);
		assert_true(strlen(name) > sizeof(tail));
		assert_string_equal(name + strlen(name) - strlen(tail), tail);
		/* and what is left of it is no half of an escape */
		value = strndup(name, strlen(name) - strlen(tail));
		bytes = escape_name_undo(value, &n);
		assert_non_null(bytes);
		record_done(&record);
	}
}

/* Every third byte out of `likely`, the others any but NUL. */
static void random_text(uint32_t *seed, const char *likely, size_t size, char *text)
{
	size_t n = builder_random(seed) % size;

	for (size_t i = 0; i < n; i++) {
		uint32_t r = builder_random(seed);

		text[i] = (char)(1 + (r >> 8) % 255);
		if (r % 3 == 0)
			text[i] = likely[(r >> 8) % strlen(likely)];
	}
	text[n] = '\0';
}

/* 20,000 names that programs may choose: always a name, and the bytes can be had back. */
static void test_random_comms(void **state)
{
	static const char *const templates[] = { DEFAULT, "%e", "%e.%e%e-%e" };
	uint32_t seed = 12;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct record record;
		struct name_facts facts = { &record, 7, 8 };
		_cleanup_free_ char *name = NULL, *part = NULL, *bytes = NULL;
		char comm[16];
		size_t n;

		random_text(&seed, "./%-\n \\", sizeof(comm), comm);
		record_init(&record);
		record.comm = strdup(comm);
		name = name_expand(templates[i % 3], &facts);
		assert_is_name(name);
		if (i % 3 == 0) {
			assert_memory_equal(name, "core.", 5);
			part = strndup(name + 5, strcspn(name + 5, "."));
			bytes = escape_name_undo(part, &n);
			assert_string_equal(bytes, *comm ? comm : "unknown");
		}
		record_done(&record);
	}
}

/*
 * A million names under the default template: nothing that a shell, a terminal or a path would act
 * upon, and the comm can be had back, so no two of them share a name.
 */
static void test_million_comms(void **state)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_.+%-";
	static const char tail[] = ".1000.0123456789abcdef0123456789abcdef.4711."
				   "1700000000123456";
	struct record record;
	struct name_facts facts = { &record, 7, 8 };
	char comm[16] = "x";
	uint32_t seed = 14;

	(void)state;
	fill(&record);
	free(record.comm);
	record.comm = comm;
	for (int i = 0; i < 1000000; i++) {
		_cleanup_free_ char *name = NULL, *bytes = NULL;
		size_t n, length;

		random_text(&seed, "./%-\n \\", sizeof(comm), comm);
		if (comm[0] == '\0') /* the kernel makes "!" of it */
			continue;
		name = name_expand(DEFAULT, &facts);
		length = strlen(name);
		if (length > 200 || strspn(name, allowed) != length ||
		    strncmp(name, "core.", 5) != 0 || length < 5 + strlen(tail) ||
		    strcmp(name + length - strlen(tail), tail) != 0)
			fail_msg("not a name: %s", name);
		name[length - strlen(tail)] = '\0';
		bytes = escape_name_undo(name + 5, &n);
		if (!bytes || n != strlen(comm) || memcmp(bytes, comm, n) != 0)
			fail_msg("not what it was: %s", name);
	}
	record.comm = NULL;
	record_done(&record);
}

/* Random templates: whatever an administrator writes. */
static void test_random_templates(void **state)
{
	uint32_t seed = 13;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct record record;
		struct name_facts facts = { &record, 7, 8 };
		_cleanup_free_ char *name = NULL;
		char template[64];

		random_text(&seed, "%%%%eEfPuTB./", sizeof(template), template);
		fill(&record);
		name = name_expand(template, &facts);
		assert_is_name(name);
		record_done(&record);
	}
}

static void test_is_dump(void **state)
{
	static const char *const dumps[] = { "a.zst", "core.x.1.zst", "-.zst", "a..zst" };
	static const char *const others[] = { "",     ".zst", ".a.zst",	 "zst",	 "a.zs",
					      "azst", "..",   "a.zst.1", "a.ZST" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dumps); i++)
		assert_true(name_is_dump(dumps[i]));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(name_is_dump(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_dump),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_random_comms),
		cmocka_unit_test(test_million_comms),
		cmocka_unit_test(test_random_templates),
	};
	int failed;

	memset(long_template, 'x', sizeof(long_template) - 1);
	failed = RUN_TABLE(rows, test_template);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
