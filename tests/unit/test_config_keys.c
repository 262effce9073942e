/* SPDX-License-Identifier: MIT */
/*
 * Every key: what is a value, what is none, and how it is written back.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/table.h"

#include "config/config.h"
#include "config/distance.h"
#include "config/keys.h"
#include "config/rank_list.h"
#include "filter/ranges.h"

#define A16  "aaaaaaaaaaaaaaaa"
#define A32  A16 A16
#define A64  A32 A32
#define A128 A64 A64

struct row {
	const char *name;
	enum setting which;
	const char *value;
	const char *printed; /* NULL: no value */
};

static const struct row rows[] = {
	{ "Type none", SETTING_TYPE, "none", "none" },
	{ "Type stacks", SETTING_TYPE, "stacks", "stacks" },
	{ "Type mini", SETTING_TYPE, "mini", "mini" },
	{ "Type heap", SETTING_TYPE, "heap", "heap" },
	{ "Type full", SETTING_TYPE, "full", "full" },
	{ "Type empty", SETTING_TYPE, "", NULL },
	{ "Type in upper case", SETTING_TYPE, "Mini", NULL },
	{ "Type with rubbish before", SETTING_TYPE, " mini", NULL },
	{ "Type with rubbish behind", SETTING_TYPE, "mini ", NULL },
	{ "Type cut", SETTING_TYPE, "min", NULL },
	{ "Type a number", SETTING_TYPE, "2", NULL },

	{ "Type triage", SETTING_TYPE, "triage", "triage" },
	{ "Type custom", SETTING_TYPE, "custom", "custom" },

	{ "AskTypes one", SETTING_ASK_TYPES, "full", "full" },
	{ "AskTypes in their order", SETTING_ASK_TYPES, "mini \t none", "none mini" },
	{ "AskTypes twice", SETTING_ASK_TYPES, "mini mini", "mini" },
	{ "AskTypes all", SETTING_ASK_TYPES, "custom full heap mini stacks triage none",
	  "none triage stacks mini heap full custom" },
	{ "AskTypes no", SETTING_ASK_TYPES, "no", "no" },
	{ "AskTypes no and more", SETTING_ASK_TYPES, "no mini", NULL },
	{ "AskTypes empty", SETTING_ASK_TYPES, "", NULL },
	{ "AskTypes with commas", SETTING_ASK_TYPES, "none,mini", NULL },
	{ "AskTypes unknown", SETTING_ASK_TYPES, "mini big", NULL },
	{ "AskTypes beginning of a word", SETTING_ASK_TYPES, "min", NULL },

	{ "Budget bytes", SETTING_BUDGET, "4096", "4K" },
	{ "Budget 0", SETTING_BUDGET, "0", "0" },
	{ "Budget infinity", SETTING_BUDGET, "infinity", "infinity" },
	{ "Budget empty", SETTING_BUDGET, "", NULL },
	{ "Budget 2^64", SETTING_BUDGET, "18446744073709551616", NULL },

	{ "Ranks one", SETTING_RANKS, "crash", "crash" },
	{ "Ranks in their order", SETTING_RANKS, "rest\tcrash", "crash rest" },
	{ "Ranks all", SETTING_RANKS,
	  "rest shared deadstack private farstack pointee runtime global thread hint object loader crash",
	  "crash loader object hint thread global runtime pointee farstack private deadstack shared rest" },
	{ "Ranks empty", SETTING_RANKS, "", NULL },
	{ "Ranks only blanks", SETTING_RANKS, " \t", NULL },
	{ "Ranks without", SETTING_RANKS, "crash -shared", NULL },
	{ "Ranks numbers", SETTING_RANKS, "1 2", NULL },
	{ "Ranks in upper case", SETTING_RANKS, "Crash", NULL },

	{ "MappingMax", SETTING_MAPPING_MAX, "64M", "64M" },
	{ "MappingMax infinity", SETTING_MAPPING_MAX, "infinity", "infinity" },
	{ "MappingMax negative", SETTING_MAPPING_MAX, "-1", NULL },

	{ "Keep nothing", SETTING_KEEP, "", "" },
	{ "Keep blanks", SETTING_KEEP, " \t ", "" },
	{ "Keep one", SETTING_KEEP, "[heap]", "[heap]" },
	{ "Keep several", SETTING_KEEP, " /dev/shm/*\t /a ", "/dev/shm/* /a" },
	{ "Keep quoted", SETTING_KEEP, "\"[anon:Go: heap]\"", "\"[anon:Go: heap]\"" },
	{ "Keep quoted for nothing", SETTING_KEEP, "/a \"/b\" /c", "/a /b /c" },
	{ "Keep twice", SETTING_KEEP, "/a /a", "/a /a" },
	{ "Keep an escaped bracket", SETTING_KEEP, "\\[heap] /\\[", "[heap] /\\[" },
	{ "Keep a bracket too many", SETTING_KEEP, "[" A128 A64 A32 A16 "aaaaaaaaaaaaaa",
	  NULL },
	{ "Keep other bytes", SETTING_KEEP, "/\xff", "/\xff" },
	{ "Keep an empty glob", SETTING_KEEP, "\"\"", NULL },
	{ "Keep an open quote", SETTING_KEEP, "/a \"/b", NULL },
	{ "Keep only a quote", SETTING_KEEP, "\"", NULL },
	{ "Keep a quote inside", SETTING_KEEP, "/a\"b", NULL },
	{ "Keep a quote at the end", SETTING_KEEP, "/a\"", NULL },
	{ "Keep a word at a quote", SETTING_KEEP, "\"/a\"/b", NULL },
	{ "Keep 32", SETTING_KEEP,
	  "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a",
	  "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a" },
	{ "Keep 33", SETTING_KEEP,
	  "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a", NULL },
	{ "Keep the longest", SETTING_KEEP, A128 A64 A32 A16 "aaaaaaaaaaaaaaa",
	  A128 A64 A32 A16 "aaaaaaaaaaaaaaa" },
	{ "Keep too long", SETTING_KEEP, A128 A128, NULL },
	{ "Keep two, the longest", SETTING_KEEP, A128 " " A64 A32 A16 "aaaaaaaaaaaaaa",
	  A128 " " A64 A32 A16 "aaaaaaaaaaaaaa" },
	{ "Keep two, too long", SETTING_KEEP, A128 " " A64 A32 A16 "aaaaaaaaaaaaaaa",
	  NULL },
	{ "Drop", SETTING_DROP, "[heap] \"a b\"", "[heap] \"a b\"" },

	{ "Access owner", SETTING_ACCESS, "owner", "owner" },
	{ "Access root", SETTING_ACCESS, "root", "root" },
	{ "Access of another", SETTING_ACCESS, "group", NULL },
	{ "Access empty", SETTING_ACCESS, "", NULL },

	{ "Directory", SETTING_DIRECTORY, "/srv/a", "/srv/a" },
	{ "Directory root", SETTING_DIRECTORY, "/", "/" },
	{ "Directory many roots", SETTING_DIRECTORY, "///", "/" },
	{ "Directory ends in slashes", SETTING_DIRECTORY, "/srv//", "/srv" },
	{ "Directory with blanks", SETTING_DIRECTORY, "/a b", "/a b" },
	{ "Directory in other bytes", SETTING_DIRECTORY, "/\xff", "/\xff" },
	{ "Directory empty", SETTING_DIRECTORY, "", NULL },
	{ "Directory relative", SETTING_DIRECTORY, "var/lib", NULL },
	{ "Directory home", SETTING_DIRECTORY, "~/a", NULL },
	{ "Directory with a newline", SETTING_DIRECTORY, "/a\nb", NULL },
	{ "Directory with DEL", SETTING_DIRECTORY, "/a\x7f", NULL },

	{ "NameTemplate", SETTING_NAME_TEMPLATE, "core.%p", "core.%p" },
	{ "NameTemplate fixed", SETTING_NAME_TEMPLATE, "core", "core" },
	{ "NameTemplate percent", SETTING_NAME_TEMPLATE, "%%", "%%" },
	{ "NameTemplate percent and letter", SETTING_NAME_TEMPLATE, "%%q", "%%q" },
	{ "NameTemplate all printable", SETTING_NAME_TEMPLATE,
	  "!#$&'()*+,-.:;<=>?@[]^_`{|}~", "!#$&'()*+,-.:;<=>?@[]^_`{|}~" },
	{ "NameTemplate longest", SETTING_NAME_TEMPLATE, A128, A128 },
	{ "NameTemplate too long", SETTING_NAME_TEMPLATE, A128 "a", NULL },
	{ "NameTemplate empty", SETTING_NAME_TEMPLATE, "", NULL },
	{ "NameTemplate hidden", SETTING_NAME_TEMPLATE, ".core", NULL },
	{ "NameTemplate dot", SETTING_NAME_TEMPLATE, ".", NULL },
	{ "NameTemplate with a slash", SETTING_NAME_TEMPLATE, "a/b", NULL },
	{ "NameTemplate with a blank", SETTING_NAME_TEMPLATE, "a b", NULL },
	{ "NameTemplate with a tab", SETTING_NAME_TEMPLATE, "a\tb", NULL },
	{ "NameTemplate with DEL", SETTING_NAME_TEMPLATE, "a\x7f", NULL },
	{ "NameTemplate not ASCII", SETTING_NAME_TEMPLATE, "\xc3\xa4", NULL },
	{ "NameTemplate single percent", SETTING_NAME_TEMPLATE, "%", NULL },
	{ "NameTemplate percent at the end", SETTING_NAME_TEMPLATE, "%e%", NULL },
	{ "NameTemplate three percents", SETTING_NAME_TEMPLATE, "%%%", NULL },
	{ "NameTemplate unknown", SETTING_NAME_TEMPLATE, "%e.%q", NULL },
	{ "NameTemplate with a width", SETTING_NAME_TEMPLATE, "%5e", NULL },

	{ "CompressionLevel 0", SETTING_COMPRESSION_LEVEL, "0", NULL },
	{ "CompressionLevel 1", SETTING_COMPRESSION_LEVEL, "1", "1" },
	{ "CompressionLevel 19", SETTING_COMPRESSION_LEVEL, "19", "19" },
	{ "CompressionLevel 20", SETTING_COMPRESSION_LEVEL, "20", NULL },
	{ "CompressionLevel zeros", SETTING_COMPRESSION_LEVEL, "003", "3" },
	{ "CompressionLevel negative", SETTING_COMPRESSION_LEVEL, "-1", NULL },
	{ "CompressionLevel signed", SETTING_COMPRESSION_LEVEL, "+3", NULL },
	{ "CompressionLevel hexadecimal", SETTING_COMPRESSION_LEVEL, "0x3", NULL },
	{ "CompressionLevel half", SETTING_COMPRESSION_LEVEL, "3.5", NULL },
	{ "CompressionLevel empty", SETTING_COMPRESSION_LEVEL, "", NULL },
	{ "CompressionLevel 2^32+3", SETTING_COMPRESSION_LEVEL, "4294967299", NULL },
	{ "CompressionLevel 2^64+3", SETTING_COMPRESSION_LEVEL, "18446744073709551619",
	  NULL },

	{ "MaxSize 0", SETTING_MAX_SIZE, "0", "0" },
	{ "MaxSize bytes", SETTING_MAX_SIZE, "1000", "1000" },
	{ "MaxSize 1024", SETTING_MAX_SIZE, "1024", "1K" },
	{ "MaxSize K", SETTING_MAX_SIZE, "3K", "3K" },
	{ "MaxSize M", SETTING_MAX_SIZE, "1536M", "1536M" },
	{ "MaxSize G", SETTING_MAX_SIZE, "32G", "32G" },
	{ "MaxSize T", SETTING_MAX_SIZE, "2048T", "2048T" },
	{ "MaxSize infinity", SETTING_MAX_SIZE, "infinity", "infinity" },
	{ "MaxSize largest", SETTING_MAX_SIZE, "18446744073709551614",
	  "18446744073709551614" },
	{ "MaxSize 2^64", SETTING_MAX_SIZE, "18446744073709551616", NULL },
	{ "MaxSize largest T", SETTING_MAX_SIZE, "16777215T", "16777215T" },
	{ "MaxSize 2^64 in T", SETTING_MAX_SIZE, "16777216T", NULL },
	{ "MaxSize empty", SETTING_MAX_SIZE, "", NULL },
	{ "MaxSize only a suffix", SETTING_MAX_SIZE, "G", NULL },
	{ "MaxSize two suffixes", SETTING_MAX_SIZE, "1KK", NULL },
	{ "MaxSize small suffix", SETTING_MAX_SIZE, "1g", NULL },
	{ "MaxSize GiB", SETTING_MAX_SIZE, "1GiB", NULL },
	{ "MaxSize blank", SETTING_MAX_SIZE, "1 G", NULL },
	{ "MaxSize negative", SETTING_MAX_SIZE, "-1", NULL },
	{ "MaxSize fraction", SETTING_MAX_SIZE, "1.5G", NULL },
	{ "MaxSize Infinity", SETTING_MAX_SIZE, "Infinity", NULL },

	{ "CoreLimit honour", SETTING_CORE_LIMIT, "honour", "honour" },
	{ "CoreLimit ignore", SETTING_CORE_LIMIT, "ignore", "ignore" },

	{ "MaxUse per cent", SETTING_MAX_USE, "10%", "10%" },
	{ "MaxUse bytes", SETTING_MAX_USE, "1048576", "1M" },
	{ "MaxUse both", SETTING_MAX_USE, "10% 4G", "10% 4G" },
	{ "MaxUse both turned around", SETTING_MAX_USE, " 4096M\t10% ", "10% 4G" },
	{ "MaxUse 0", SETTING_MAX_USE, "0", "0" },
	{ "MaxUse 0 per cent", SETTING_MAX_USE, "0%", "0%" },
	{ "MaxUse all", SETTING_MAX_USE, "100%", "100%" },
	{ "MaxUse infinity", SETTING_MAX_USE, "infinity", "infinity" },
	{ "MaxUse more than all", SETTING_MAX_USE, "101%", NULL },
	{ "MaxUse twice", SETTING_MAX_USE, "1G 2G", NULL },
	{ "MaxUse per cent twice", SETTING_MAX_USE, "1% 2%", NULL },
	{ "MaxUse infinity and more", SETTING_MAX_USE, "infinity 2%", NULL },
	{ "MaxUse a blank before %", SETTING_MAX_USE, "10 %", NULL },
	{ "MaxUse % alone", SETTING_MAX_USE, "%", NULL },
	{ "MaxUse fraction", SETTING_MAX_USE, "1.5%", NULL },
	{ "MaxUse negative", SETTING_MAX_USE, "-1%", NULL },
	{ "MaxUse empty", SETTING_MAX_USE, "", NULL },
	{ "MaxUse blanks", SETTING_MAX_USE, " \t", NULL },
	{ "MaxUse long", SETTING_MAX_USE, A64 A64, NULL },
	{ "MaxUse 2^64", SETTING_MAX_USE, "18446744073709551616", NULL },
	{ "KeepFree", SETTING_KEEP_FREE, "2% 512M", "2% 512M" },
	{ "KeepFree none", SETTING_KEEP_FREE, "0", "0" },
	{ "KeepFree a word", SETTING_KEEP_FREE, "much", NULL },
	{ "MaxCount", SETTING_MAX_COUNT, "5", "5" },
	{ "MaxCount infinity", SETTING_MAX_COUNT, "infinity", "infinity" },
	{ "MaxCount most", SETTING_MAX_COUNT, "1000000000", "1000000000" },
	{ "MaxCount too many", SETTING_MAX_COUNT, "1000000001", NULL },
	{ "MaxCount 0", SETTING_MAX_COUNT, "0", NULL },
	{ "MaxCount suffix", SETTING_MAX_COUNT, "1K", NULL },
	{ "MaxCount empty", SETTING_MAX_COUNT, "", NULL },
	{ "MaxAge days", SETTING_MAX_AGE, "30d", "30d" },
	{ "MaxAge as days", SETTING_MAX_AGE, "48h", "2d" },
	{ "MaxAge hours", SETTING_MAX_AGE, "12h", "720min" },
	{ "MaxAge seconds", SETTING_MAX_AGE, "90", "90s" },
	{ "MaxAge infinity", SETTING_MAX_AGE, "infinity", "infinity" },
	{ "MaxAge a hundred years", SETTING_MAX_AGE, "36525d", "36525d" },
	{ "MaxAge longer", SETTING_MAX_AGE, "36526d", NULL },
	{ "MaxAge 0", SETTING_MAX_AGE, "0d", NULL },
	{ "MaxAge weeks", SETTING_MAX_AGE, "2w", NULL },
	{ "MaxAge empty", SETTING_MAX_AGE, "", NULL },

	{ "SpoolMax off", SETTING_SPOOL_MAX, "0", "0" },
	{ "SpoolMax G", SETTING_SPOOL_MAX, "2G", "2G" },
	{ "SpoolMax per cent", SETTING_SPOOL_MAX, "25%", NULL },
	{ "Deadline seconds", SETTING_DEADLINE, "5", "5s" },
	{ "Deadline s", SETTING_DEADLINE, "60s", "60s" },
	{ "Deadline min", SETTING_DEADLINE, "2min", "2min" },
	{ "Deadline as min", SETTING_DEADLINE, "180", "3min" },
	{ "Deadline h", SETTING_DEADLINE, "24h", "1440min" },
	{ "Deadline none", SETTING_DEADLINE, "infinity", "infinity" },
	{ "Deadline 0", SETTING_DEADLINE, "0", NULL },
	{ "Deadline empty", SETTING_DEADLINE, "", NULL },
	{ "Deadline unit alone", SETTING_DEADLINE, "s", NULL },
	{ "Deadline days", SETTING_DEADLINE, "1d", "1440min" },
	{ "Deadline two days", SETTING_DEADLINE, "2d", NULL },
	{ "Deadline other unit", SETTING_DEADLINE, "5ms", NULL },
	{ "Deadline blank", SETTING_DEADLINE, "5 s", NULL },
	{ "Deadline negative", SETTING_DEADLINE, "-1", NULL },
	{ "Deadline over a day", SETTING_DEADLINE, "86401", NULL },
	{ "Deadline over a day in h", SETTING_DEADLINE, "25h", NULL },
	{ "Deadline long", SETTING_DEADLINE, "000000000000000000000000000005", NULL },
	{ "CoreLimit empty", SETTING_CORE_LIMIT, "", NULL },
	{ "CoreLimit yes", SETTING_CORE_LIMIT, "yes", NULL },

	{ "RuntimeDirectory", SETTING_RUNTIME_DIRECTORY, "/run/a/", "/run/a" },
	{ "RuntimeDirectory relative", SETTING_RUNTIME_DIRECTORY, "run", NULL },
	{ "Slots auto", SETTING_SLOTS, "auto", "auto" },
	{ "Slots 1", SETTING_SLOTS, "1", "1" },
	{ "Slots 1024", SETTING_SLOTS, "1024", "1024" },
	{ "Slots 0", SETTING_SLOTS, "0", NULL },
	{ "Slots 1025", SETTING_SLOTS, "1025", NULL },
	{ "Slots empty", SETTING_SLOTS, "", NULL },
	{ "Slots infinity", SETTING_SLOTS, "infinity", NULL },
	{ "SlotWait", SETTING_SLOT_WAIT, "2s", "2s" },
	{ "SlotWait 0", SETTING_SLOT_WAIT, "0", NULL },
	{ "RatePeriod", SETTING_RATE_PERIOD, "600", "10min" },
	{ "RatePeriod empty", SETTING_RATE_PERIOD, "", NULL },
	{ "RateDumps 0", SETTING_RATE_DUMPS, "0", "0" },
	{ "RateDumps infinity", SETTING_RATE_DUMPS, "infinity", "infinity" },
	{ "RateDumps most", SETTING_RATE_DUMPS, "1000000000", "1000000000" },
	{ "RateDumps too many", SETTING_RATE_DUMPS, "1000000001", NULL },
	{ "RateDumps negative", SETTING_RATE_DUMPS, "-1", NULL },
	{ "RateDumps empty", SETTING_RATE_DUMPS, "", NULL },
	{ "RateDumps with rubbish", SETTING_RATE_DUMPS, "5x", NULL },
	{ "RateMini", SETTING_RATE_MINI, "7", "7" },
	{ "RateMini bad", SETTING_RATE_MINI, "many", NULL },
	{ "RateUserDumps", SETTING_RATE_USER_DUMPS, "7", "7" },
	{ "RateUserDumps bad", SETTING_RATE_USER_DUMPS, " 7", NULL },
	{ "RateUserMini", SETTING_RATE_USER_MINI, "7", "7" },
	{ "RateUserMini bad", SETTING_RATE_USER_MINI, "0x7", NULL },
	{ "StoreEnvironment yes", SETTING_STORE_ENVIRONMENT, "yes", "yes" },
	{ "StoreEnvironment no", SETTING_STORE_ENVIRONMENT, "no", "no" },
	{ "StoreEnvironment empty", SETTING_STORE_ENVIRONMENT, "", NULL },
	{ "StoreEnvironment 1", SETTING_STORE_ENVIRONMENT, "1", NULL },
	{ "StoreEnvironment Yes", SETTING_STORE_ENVIRONMENT, "Yes", NULL },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ char *printed = NULL;
	struct settings settings, before;
	const char *reason;

	settings_default(&settings);
	before = settings;
	reason = keys[row->which].parse(row->value, &settings);
	if (!row->printed) {
		assert_non_null(reason);
		assert_int_equal(strncmp(reason, "must ", 5), 0);
		assert_memory_equal(&settings, &before, sizeof(settings));
		return;
	}
	assert_null(reason);
	printed = setting_print(&settings, row->which);
	assert_string_equal(printed, row->printed);
}

static void test_defaults(void **state)
{
	struct settings settings;

	(void)state;
	settings_default(&settings);
	for (enum setting i = 0; i < SETTING_COUNT; i++) {
		_cleanup_free_ char *printed = setting_print(&settings, i);

		assert_null(keys[i].parse(keys[i].value, &settings));
		assert_string_equal(printed, keys[i].value);
		assert_string_equal(setting_name(i), keys[i].name);
		assert_non_null(strstr(KEY_NAMES, keys[i].name));
	}
	assert_int_equal(settings.type, DUMP_MINI);
	assert_string_equal(settings.directory, LOCALSTATEDIR "/lib/dumpd");
	assert_string_equal(settings.name_template, "core.%e.%u.%B.%P.%T");
	assert_int_equal(settings.compression_level, 3);
	assert_true(settings.max_size == UINT64_C(32) << 30);
	assert_int_equal(settings.ask_types, 1u << DUMP_NONE | 1u << DUMP_TRIAGE |
						     1u << DUMP_STACKS | 1u << DUMP_MINI);
	assert_true(settings.budget == 8u << 20);
	assert_true(share_of(&settings.max_use, UINT64_C(100) << 30) == UINT64_C(10)
										<< 30);
	assert_true(share_of(&settings.max_use, UINT64_C(1) << 40) == UINT64_C(16) << 30);
	assert_true(share_of(&settings.keep_free, UINT64_C(20) << 30) == UINT64_C(3)
										 << 30);
	assert_true(share_of(&settings.keep_free, UINT64_C(1) << 40) == UINT64_C(4)
										<< 30);
	assert_true(settings.max_count == 100);
	assert_true(settings.max_age == 30 * 86400);
	assert_true(settings.mapping_max == UINT64_MAX);
	assert_int_equal(settings.ranks,
			 RANK_LIST_BIT(RANK_PRIVATE + 1) - RANK_LIST_BIT(RANK_CRASH));
	assert_int_equal(settings.keep.count, 0);
	assert_int_equal(settings.drop.count, 0);
	assert_true(settings.honour_core_limit);
	assert_false(settings.store_environment);
}

static void test_guesses(void **state)
{
	(void)state;
	assert_int_equal(key_find("Type"), SETTING_TYPE);
	assert_int_equal(key_find("type"), SETTING_COUNT);
	assert_int_equal(key_find(""), SETTING_COUNT);
	assert_int_equal(key_guess("type"), SETTING_TYPE);
	assert_int_equal(key_guess("Tpye"), SETTING_TYPE);
	assert_int_equal(key_guess("Compresion-Level"), SETTING_COMPRESSION_LEVEL);
	assert_int_equal(key_guess("StoreEnviroment"), SETTING_STORE_ENVIRONMENT);
	assert_int_equal(key_guess(""), SETTING_COUNT);
	assert_int_equal(key_guess("Colour"), SETTING_COUNT);
	assert_true(edit_distance("", "abc") == 3);
	assert_true(edit_distance("kitten", "Sitting") == 3);
	assert_true(edit_distance(A16 A16, A16 A16) == 0);
	assert_true(edit_distance(A16 A16 "a", "a") == SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_guesses),
	};
	int failed = RUN_TABLE(rows, test_row);

	failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
