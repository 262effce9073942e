/* SPDX-License-Identifier: MIT */
/*
 * One file: what it sets, and what it says about what it does not understand.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/config_told.h"
#include "tests/unit/table.h"

#include "config/parse.h"

#define KNOWN                                                                          \
	"known are Type, AskTypes, Budget, Ranks, MappingMax, Keep, Drop, Directory, " \
	"NameTemplate, CompressionLevel, MaxSize, CoreLimit, MaxUse, KeepFree, "       \
	"MaxCount, MaxAge, SpoolMax, Deadline, ReleaseEarly, StoreEnvironment, "       \
	"Access, RuntimeDirectory, Slots, SlotWait, RatePeriod, RateDumps, RateMini, " \
	"RateUserDumps, RateUserMini\n"
#define TYPES "one of none, triage, stacks, mini, heap, full, custom"
#define SECTIONS                                                                       \
	"known are [Dump], [Executable \"GLOB\"], [Unit \"GLOB\"], [Cgroup \"GLOB\"] " \
	"and [User \"NAME-OR-UID\"]\n"
#define TEXT(s) (s), sizeof(s) - 1
#define S10	"aaaaaaaaaa"
#define S60	S10 S10 S10 S10 S10 S10
#define S180	S60 S60 S60

struct row {
	const char *name;
	const char *text;
	size_t n;
	const char *exe;
	const char *settings;
	const char *problems;
};

static struct config *parse(const char *text, size_t n)
{
	struct config *config = calloc(1, sizeof(*config));
	char *exact = malloc(n ? n : 1); /* without a NUL: reading beyond it is seen */

	assert_non_null(config);
	assert_non_null(exact);
	memcpy(exact, text, n);
	config_parse(config, "F", exact, n);
	free(exact);
	contents_finish(config);
	assert_false(config->no_memory);
	return config;
}

static void test_row(void **state)
{
	const struct row *row = *state;
	_cleanup_config_ struct config *config = parse(row->text, row->n);
	_cleanup_free_ char *settings = told_settings(config, row->exe);
	_cleanup_free_ char *problems = told_problems(config, NULL);

	assert_string_equal(problems, row->problems ? row->problems : "");
	assert_string_equal(settings, row->settings ? row->settings : "");
}

static const struct row syntax[] = {
	{ "empty file", TEXT(""), NULL, NULL, NULL },
	{ "only a BOM", TEXT("\xef\xbb\xbf"), NULL, NULL, NULL },
	{ "half a BOM is a line", TEXT("\xef\xbb"), NULL, NULL,
	  "F:1: line \"\\xef\\xbb\" is ignored: it is not KEY=VALUE\n" },
	{ "only newlines", TEXT("\n\n\r\n\n"), NULL, NULL, NULL },
	{ "comments", TEXT("# a\n; b\n  # c\n\t; d\n#[Dump\n"), NULL, NULL, NULL },
	{ "one key", TEXT("[Dump]\nType=heap\n"), NULL, "Type=heap@F:2", NULL },
	{ "no newline at the end", TEXT("[Dump]\nType=heap"), NULL, "Type=heap@F:2",
	  NULL },
	{ "BOM", TEXT("\xef\xbb\xbf[Dump]\nType=heap\n"), NULL, "Type=heap@F:2", NULL },
	{ "CRLF", TEXT("[Dump]\r\nType=heap\r\nMaxSize=1G\r\n"), NULL,
	  "Type=heap@F:2 MaxSize=1G@F:3", NULL },
	{ "white space", TEXT("  [Dump] \t\n\t Type \t=\t heap \v\f\n"), NULL,
	  "Type=heap@F:2", NULL },
	{ "indented is no continuation", TEXT("[Dump]\nType=heap\n  CoreLimit=ignore\n"),
	  NULL, "Type=heap@F:2 CoreLimit=ignore@F:3", NULL },
	{ "comment behind a value", TEXT("[Dump]\nType=heap ; why\n"), NULL,
	  "Type=heap@F:2", NULL },
	{ "no comment without a blank", TEXT("[Dump]\nType=heap;why\n"), NULL, NULL,
	  "F:2: bad value \"heap;why\" is ignored, Type must be " TYPES
	  "; Type=mini holds (the default)\n" },
	{ "semicolon in a name", TEXT("[Dump]\nNameTemplate=a;b#c\n"), NULL,
	  "NameTemplate=a;b#c@F:2", NULL },
	{ "second equals sign", TEXT("[Dump]\nNameTemplate=a=b:c\n"), NULL,
	  "NameTemplate=a=b:c@F:2", NULL },
	{ "a quoted value is another value", TEXT("[Dump]\nType=\"heap\"\n"), NULL, NULL,
	  "F:2: bad value \"\"heap\"\" is ignored, Type must be " TYPES
	  "; Type=mini holds (the default)\n" },
	{ "last one holds", TEXT("[Dump]\nType=heap\nType=none\n"), NULL, "Type=none@F:3",
	  NULL },
	{ "two sections of one name", TEXT("[Dump]\nType=heap\n[Dump]\nMaxSize=0\n"),
	  NULL, "Type=heap@F:2 MaxSize=0@F:4", NULL },
	{ "every key",
	  TEXT("[Dump]\nType=full\nDirectory=/d\nNameTemplate=%e\nCompressionLevel=19\n"
	       "MaxSize=infinity\nCoreLimit=ignore\nStoreEnvironment=yes\nBudget=1M\n"
	       "Ranks=rest crash\nKeep=\"a b\" c\nDrop=/d*\nMappingMax=1K\n"
	       "AskTypes=no\nSpoolMax=0\nDeadline=2min\nReleaseEarly=no\nAccess=root\n"
	       "RuntimeDirectory=/r\nSlots=3\nSlotWait=1\nRatePeriod=1h\nRateDumps=1\n"
	       "RateMini=2\nRateUserDumps=infinity\nRateUserMini=0\n"),
	  NULL,
	  "Type=full@F:2 AskTypes=no@F:14 Budget=1M@F:9 Ranks=crash rest@F:10 "
	  "MappingMax=1K@F:13 Keep=\"a b\" c@F:11 Drop=/d*@F:12 Directory=/d@F:3 NameTemplate=%e@F:4 CompressionLevel=19@F:5 "
	  "MaxSize=infinity@F:6 CoreLimit=ignore@F:7 SpoolMax=0@F:15 "
	  "Deadline=2min@F:16 ReleaseEarly=no@F:17 StoreEnvironment=yes@F:8 "
	  "Access=root@F:18 RuntimeDirectory=/r@F:19 Slots=3@F:20 SlotWait=1s@F:21 "
	  "RatePeriod=60min@F:22 RateDumps=1@F:23 RateMini=2@F:24 "
	  "RateUserDumps=infinity@F:25 RateUserMini=0@F:26",
	  NULL },
	{ "every key for an executable",
	  TEXT("[Executable \"/x\"]\nType=full\nNameTemplate=%e\nCompressionLevel=19\n"
	       "MaxSize=infinity\nCoreLimit=ignore\nStoreEnvironment=yes\nBudget=1M\n"
	       "Ranks=rest\nKeep=c\nDrop=d\nMappingMax=1K\nAskTypes=no\n"
	       "SpoolMax=infinity\nDeadline=90\nReleaseEarly=no\nAccess=root\n"
	       "RateDumps=0\nRateMini=0\nRateUserDumps=1\nRateUserMini=2\n"),
	  "/x",
	  "Type=full@F:2[/x] AskTypes=no@F:13[/x] Budget=1M@F:8[/x] Ranks=rest@F:9[/x] "
	  "MappingMax=1K@F:12[/x] Keep=c@F:10[/x] Drop=d@F:11[/x] NameTemplate=%e@F:3[/x] CompressionLevel=19@F:4[/x] "
	  "MaxSize=infinity@F:5[/x] CoreLimit=ignore@F:6[/x] SpoolMax=infinity@F:14[/x] Deadline=90s@F:15[/x] ReleaseEarly=no@F:16[/x] "
	  "StoreEnvironment=yes@F:7[/x] Access=root@F:17[/x] RateDumps=0@F:18[/x] "
	  "RateMini=0@F:19[/x] RateUserDumps=1@F:20[/x] RateUserMini=2@F:21[/x]",
	  NULL },
};

static const struct row mistakes[] = {
	{ "unknown key", TEXT("[Dump]\nColour=red\n"), NULL, NULL,
	  "F:2: unknown key Colour is ignored; " KNOWN },
	{ "mistyped key", TEXT("[Dump]\nTyp=heap\n"), NULL, NULL,
	  "F:2: unknown key Typ is ignored (did you mean Type?); Type=mini holds (the default)\n" },
	{ "key in lower case", TEXT("[Dump]\nMaxSize=1G\nmaxsize=2G\n"), NULL,
	  "MaxSize=1G@F:2",
	  "F:3: unknown key maxsize is ignored (did you mean MaxSize?); MaxSize=1G of F:2 holds\n" },
	{ "empty key", TEXT("[Dump]\n=heap\n"), NULL, NULL,
	  "F:2: unknown key  is ignored; " KNOWN },
	{ "rubbish before a key", TEXT("[Dump]\n!Type=heap\n"), NULL, NULL,
	  "F:2: unknown key !Type is ignored (did you mean Type?); Type=mini holds (the default)\n" },
	{ "a bad value keeps the one before", TEXT("[Dump]\nType=heap\nType=Full\n"),
	  NULL, "Type=heap@F:2",
	  "F:3: bad value \"Full\" is ignored, Type must be " TYPES
	  "; Type=heap of F:2 holds\n" },
	{ "a problem names what holds in the end",
	  TEXT("[Dump]\nType=Full\nType=stacks\n"), NULL, "Type=stacks@F:3",
	  "F:2: bad value \"Full\" is ignored, Type must be " TYPES
	  "; Type=stacks of F:3 holds\n" },
	{ "empty value", TEXT("[Dump]\nType=\n"), NULL, NULL,
	  "F:2: bad value \"\" is ignored, Type must be " TYPES "; "
	  "Type=mini holds (the default)\n" },
	{ "no equals sign", TEXT("[Dump]\nType heap\n"), NULL, NULL,
	  "F:2: line \"Type heap\" is ignored: it is not KEY=VALUE\n" },
	{ "colon", TEXT("[Dump]\nType: heap\n"), NULL, NULL,
	  "F:2: line \"Type: heap\" is ignored: it is not KEY=VALUE\n" },
	{ "colon before the equals sign", TEXT("[Dump]\nNameTemplate:a=b\n"), NULL, NULL,
	  "F:2: line \"NameTemplate:a=b\" is ignored: it is not KEY=VALUE\n" },
	{ "equals sign in a comment", TEXT("[Dump]\nType ; =heap\nMaxSize=1K\n"), NULL,
	  "MaxSize=1K@F:3", "F:2: line is ignored: it is not KEY=VALUE\n" },
	{ "equals sign in the last comment", TEXT("[Dump]\nType ; =heap"), NULL, NULL,
	  "F:2: line is ignored: it is not KEY=VALUE\n" },
	{ "key before any section", TEXT("Type=heap\n[Dump]\nMaxSize=1K\n"), NULL,
	  "MaxSize=1K@F:3",
	  "F:1: Type is ignored: no section before it; begin with [Dump]\n" },
	{ "NUL in a value", TEXT("[Dump]\nType=heap\0\nMaxSize=1K\n"), NULL,
	  "MaxSize=1K@F:3",
	  "F:2: line \"Type=heap\" is ignored: it has a NUL byte; Type=mini holds (the default)\n" },
	{ "NUL before a key", TEXT("[Dump]\n\0Type=heap\n"), NULL, NULL,
	  "F:2: line \"\" is ignored: it has a NUL byte\n" },
	{ "NUL in a comment", TEXT("[Dump]\n#\0\nType=heap\n"), NULL, "Type=heap@F:3",
	  NULL },
	{ "NUL in a header", TEXT("[Dump\0]\nType=heap\n"), NULL, NULL,
	  "F:1: section [Dump and the keys in it are ignored: it has a NUL byte\n" },
	{ "other bytes in a value", TEXT("[Dump]\nType=\x1b[31m\xff\n"), NULL, NULL,
	  "F:2: bad value \"\\x1b[31m\\xff\" is ignored, Type must be " TYPES
	  "; Type=mini holds (the default)\n" },
	{ "old Macintosh line ends", TEXT("[Dump]\rType=heap\rMaxSize=1\r"), NULL, NULL,
	  "F:1: \"\\x0dType=heap\\x0dMaxSize=1\" behind the section's name is ignored\n" },
	{ "UTF-16 is no configuration", TEXT("\xff\xfe[\0D\0u\0m\0p\0]\0\n\0"), NULL,
	  NULL,
	  "F:1: line \"\\xff\\xfe[\" is ignored: it has a NUL byte\n"
	  "F:2: line \"\" is ignored: it has a NUL byte\n" },
	{ "bad names of a path in bytes", TEXT("[Dump]\nDirectory=/\xff\xfe\nTyp=x\n"),
	  NULL, "Directory=/\xff\xfe@F:2",
	  "F:3: unknown key Typ is ignored (did you mean Type?); Type=mini holds (the default)\n" },
};

static const struct row lengths[] = {
	/* "Directory=/" and 187 bytes: 198, with newline and NUL 200 */
	{ "longest line", TEXT("[Dump]\nDirectory=/" S180 "aaaaaaa\nType=heap"), NULL,
	  "Type=heap@F:3 Directory=/" S180 "aaaaaaa@F:2", NULL },
	{ "one byte too long", TEXT("[Dump]\nDirectory=/" S180 "aaaaaaaa\nType=heap"),
	  NULL, "Type=heap@F:3",
	  "F:2: line \"Directory=/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" is "
	  "ignored: it is too long; Directory=" LOCALSTATEDIR
	  "/lib/dumpd holds (the default)\n" },
	{ "the end of a long line is no line",
	  TEXT("[Dump]\nX" S180 S10 "aaaaaaaa\x20Type=heap\nMaxSize=1\n"), NULL,
	  "MaxSize=1@F:3",
	  "F:2: line \"X" S10 S10 S10 S10 S10
	  "aaaaaaaaa\" is ignored: it is too long\n" },
	{ "long comment", TEXT("[Dump]\n#" S180 S180 "\nType=heap\n"), NULL,
	  "Type=heap@F:3", NULL },
	{ "long blank line is blank",
	  TEXT("[Dump]\n                                                            "
	       "                                                                    "
	       "                                                                    "
	       "                                                                    "
	       "Type=heap\n"),
	  NULL, "Type=heap@F:2", NULL },
	{ "long unknown key", TEXT("[Dump]\n" S180 "=1\n"), NULL, NULL,
	  "F:2: unknown key " S60 " is ignored; " KNOWN },
	{ "long section", TEXT("[Executable \"/" S180 S180 "\"]\nType=heap\n"),
	  "/" S180 S180, "Type=heap@F:2[/" S180 S180 "]", NULL },
	{ "long sections differ behind 50 bytes",
	  TEXT("[Executable \"/" S180 "b\"]\nType=heap\n[Executable \"/" S180
	       "c\"]\nType=full\n"),
	  "/" S180 "b", "Type=heap@F:2[/" S180 "b]", NULL },
};

static const struct row sections[] = {
	{ "unknown section", TEXT("[Core]\nType=heap\nfoo\nTyp=1\n"), NULL, NULL,
	  "F:1: section [Core] and the keys in it are ignored: unknown section; " SECTIONS },
	{ "lower case", TEXT("[dump]\nType=heap\n"), NULL, NULL,
	  "F:1: section [dump] and the keys in it are ignored: unknown section; " SECTIONS },
	{ "not closed", TEXT("[Dump\nType=heap\n"), NULL, NULL,
	  "F:1: section [Dump and the keys in it are ignored: ']' is missing; " SECTIONS },
	{ "only a bracket", TEXT("["), NULL, NULL,
	  "F:1: section [ and the keys in it are ignored: ']' is missing; " SECTIONS },
	{ "no name", TEXT("[]\nType=heap\n"), NULL, NULL,
	  "F:1: section [] and the keys in it are ignored: unknown section; " SECTIONS },
	{ "a bad one ends the one before",
	  TEXT("[Dump]\nType=heap\n[Exe \"/x\"]\nType=none\n[Dump]\nMaxSize=1\n"), "/x",
	  "Type=heap@F:2 MaxSize=1@F:6",
	  "F:3: section [Exe \"/x\"] and the keys in it are ignored: unknown section; " SECTIONS },
	{ "blanks inside",
	  TEXT("[ Dump ]\nType=heap\n[ Executable  \"/x\" ]\nType=none\n"), "/x",
	  "Type=none@F:4[/x]", NULL },
	{ "comment behind", TEXT("[Dump] ; mine\nType=heap\n"), NULL, "Type=heap@F:2",
	  NULL },
	{ "rubbish behind", TEXT("[Dump] # mine\nType=heap\n"), NULL, "Type=heap@F:2",
	  "F:1: \"# mine\" behind the section's name is ignored\n" },
	{ "no glob", TEXT("[Executable]\nType=heap\n"), "/x", NULL,
	  "F:1: section [Executable] and the keys in it are ignored: write [Executable "
	  "\"GLOB\"], with quotes\n" },
	{ "no quotes", TEXT("[Executable /x]\nType=heap\n"), "/x", NULL,
	  "F:1: section [Executable /x] and the keys in it are ignored: write [Executable "
	  "\"GLOB\"], with quotes\n" },
	{ "one quote", TEXT("[Executable \"/x]\nType=heap\n"), "/x", NULL,
	  "F:1: section [Executable \"/x] and the keys in it are ignored: write "
	  "[Executable \"GLOB\"]; the end is missing\n" },
	{ "no bracket", TEXT("[Executable \"/x\"\nType=heap\n"), "/x", NULL,
	  "F:1: section [Executable \"/x\" and the keys in it are ignored: write "
	  "[Executable \"GLOB\"]; the end is missing\n" },
	{ "empty glob", TEXT("[Executable \"\"]\nType=heap\n"), "/x", NULL,
	  "F:1: section [Executable \"\"] and the keys in it are ignored: the glob is empty\n" },
	{ "a name is no path", TEXT("[Executable \"nginx\"]\nType=heap\n"), "/bin/nginx",
	  NULL,
	  "F:1: section [Executable \"nginx\"] and the keys in it are ignored: the glob "
	  "matches no path: it is compared with the whole path, which begins with "
	  "'/'\n" },
	{ "unit without quotes", TEXT("[Unit a.service]\nType=heap\n"), NULL, NULL,
	  "F:1: section [Unit a.service] and the keys in it are ignored: write [Unit "
	  "\"GLOB\"], with quotes\n" },
	{ "unit that is a path", TEXT("[Unit \"/a.service\"]\nType=heap\n"), NULL, NULL,
	  "F:1: section [Unit \"/a.service\"] and the keys in it are ignored: the glob "
	  "matches no unit: their names have no '/'\n" },
	{ "units", TEXT("[Units \"*\"]\nType=heap\n"), NULL, NULL,
	  "F:1: section [Units \"*\"] and the keys in it are ignored: unknown section; " SECTIONS },
	{ "cgroup that is no path", TEXT("[Cgroup \"a.slice\"]\nType=heap\n"), NULL, NULL,
	  "F:1: section [Cgroup \"a.slice\"] and the keys in it are ignored: the glob "
	  "matches no path: it is compared with the whole path, which begins with "
	  "'/'\n" },
	{ "user without an end", TEXT("[User \"root]\nType=heap\n"), NULL, NULL,
	  "F:1: section [User \"root] and the keys in it are ignored: write [User "
	  "\"NAME-OR-UID\"]; the end is missing\n" },
	{ "user without a name", TEXT("[User \"\"]\nType=heap\n"), NULL, NULL,
	  "F:1: section [User \"\"] and the keys in it are ignored: the name is empty\n" },
	{ "user that nobody is",
	  TEXT("[User \"no such user\"]\nType=heap\n[Dump]\nMaxSize=1\n"), NULL,
	  "MaxSize=1@F:4",
	  "F:1: section [User \"no such user\"] and the keys in it are ignored: "
	  "/etc/passwd has no user of that name\n" },
	{ "user by a glob", TEXT("[User \"*\"]\nType=heap\n"), NULL, NULL,
	  "F:1: section [User \"*\"] and the keys in it are ignored: /etc/passwd has no "
	  "user of that name\n" },
	{ "a uid that nobody can have", TEXT("[User \"4294967295\"]\nType=heap\n"), NULL,
	  NULL,
	  "F:1: section [User \"4294967295\"] and the keys in it are ignored: /etc/passwd "
	  "has no user of that name\n" },
	{ "Directory for a user", TEXT("[User \"0\"]\nDirectory=/e\n"), NULL, NULL,
	  "F:2: Directory belongs in [Dump] and is ignored here; Directory=" LOCALSTATEDIR
	  "/lib/dumpd holds (the default)\n" },
	{ "Directory for an executable",
	  TEXT("[Dump]\nDirectory=/d\n[Executable \"/x\"]\nDirectory=/e\nType=heap\n"),
	  "/x", "Type=heap@F:5[/x] Directory=/d@F:2",
	  "F:4: Directory belongs in [Dump] and is ignored here; Directory=/d of F:2 holds\n" },
	{ "bad value for an executable", TEXT("[Executable \"/x\"]\nType=big\n"), "/x",
	  NULL,
	  "F:2: bad value \"big\" is ignored, Type must be " TYPES
	  "; Type=mini holds unless another section matches\n" },
};

static const struct row globs[] = {
	{ "whole path", TEXT("[Executable \"/bin/a\"]\nType=heap\n"), "/bin/a",
	  "Type=heap@F:2[/bin/a]", NULL },
	{ "not a part of it", TEXT("[Executable \"/bin/a\"]\nType=heap\n"), "/bin/ab",
	  NULL, NULL },
	{ "not its end", TEXT("[Executable \"/bin/a\"]\nType=heap\n"), "/usr/bin/a", NULL,
	  NULL },
	{ "star goes over slashes", TEXT("[Executable \"/opt/*\"]\nType=heap\n"),
	  "/opt/a/bin/b", "Type=heap@F:2[/opt/*]", NULL },
	{ "star in front", TEXT("[Executable \"*/java\"]\nType=heap\n"), "/usr/bin/java",
	  "Type=heap@F:2[*/java]", NULL },
	{ "brackets", TEXT("[Executable \"/bin/[ab]\"]\nType=heap\n"), "/bin/b",
	  "Type=heap@F:2[/bin/[ab]]", NULL },
	{ "brackets do not match", TEXT("[Executable \"/bin/[ab]\"]\nType=heap\n"),
	  "/bin/c", NULL, NULL },
	{ "semicolon and blanks", TEXT("[Executable \"/a ;b=c\"]\nType=heap\n"),
	  "/a ;b=c", "Type=heap@F:2[/a ;b=c]", NULL },
	{ "a quote inside", TEXT("[Executable \"/a\"b\"]\nType=heap\n"), "/a\"b",
	  "Type=heap@F:2[/a\"b]", NULL },
	{ "other bytes", TEXT("[Executable \"/\xff\"]\nType=heap\n"), "/\xff",
	  "Type=heap@F:2[/\xff]", NULL },
	{ "replaced by an update", TEXT("[Executable \"/bin/a\"]\nType=heap\n"),
	  "/bin/a (deleted)", "Type=heap@F:2[/bin/a]", NULL },
	{ "really named so", TEXT("[Executable \"/a (deleted)\"]\nType=heap\n"),
	  "/a (deleted)", "Type=heap@F:2[/a (deleted)]", NULL },
	{ "unknown path matches no glob", TEXT("[Executable \"/*\"]\nType=heap\n"), NULL,
	  NULL, NULL },
	{ "unknown path matches the star", TEXT("[Executable \"*\"]\nType=heap\n"), NULL,
	  "Type=heap@F:2[*]", NULL },
	{ "empty path", TEXT("[Executable \"/*\"]\nType=heap\n"), "", NULL, NULL },
	{ "over [Dump], wherever it stands",
	  TEXT("[Executable \"/x\"]\nType=heap\n[Dump]\nType=none\nMaxSize=1\n"), "/x",
	  "Type=heap@F:2[/x] MaxSize=1@F:5", NULL },
	{ "the last that matches",
	  TEXT("[Executable \"/x\"]\nType=heap\n[Executable \"*\"]\nType=full\n"
	       "[Executable \"/y\"]\nType=none\n"),
	  "/x", "Type=full@F:4[*]", NULL },
	{ "each key for itself",
	  TEXT("[Executable \"/x\"]\nType=heap\nMaxSize=1\n[Executable "
	       "\"*\"]\nType=full\n"),
	  "/x", "Type=full@F:5[*] MaxSize=1@F:3[/x]", NULL },
};

/* A file that is nothing like a configuration gives as many problems as somebody reads. */
static void test_many_problems(void **state)
{
	char text[6 + 1 + 1000 * 2];
	_cleanup_config_ struct config *config = NULL;

	(void)state;
	memcpy(text, "[Dump]\n", 7);
	for (size_t i = 0; i < 1000; i++)
		memcpy(text + 7 + i * 2, "x\n", 2);
	config = parse(text, sizeof(text));
	assert_int_equal(config_problem_count(config), PROBLEMS_MAX + 1);
	assert_string_equal(config_problem(config, PROBLEMS_MAX),
			    "936 more problems are not shown");
}

static bool printable_line(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	}
	return true;
}

/* Whatever the bytes, there are settings, and problems are lines that can be printed. */
static void test_random_bytes(void **state)
{
	static const char letters[] = "[]\"=;#\n\r \t\0*Dump TypeExecutable/\xff\xef%";
	char text[300];

	(void)state;
	srand(1);
	for (int round = 0; round < 20000; round++) {
		_cleanup_config_ struct config *config = NULL;
		size_t n = (size_t)rand() % sizeof(text);

		for (size_t i = 0; i < n; i++)
			text[i] = letters[(size_t)rand() % (sizeof(letters) - 1)];
		if (round % 2 && n > 7)
			memcpy(text, "[Dump]\n", 7);
		config = parse(text, n);
		for (size_t i = 0; i < config_problem_count(config); i++)
			assert_true(printable_line(config_problem(config, i)));
	}
}

/* What no path can be as long as matches nothing, and is said to. */
static void test_longest_name(void **state)
{
	char text[5000] = "[Executable \"";
	size_t n = strlen(text);

	(void)state;
	for (size_t length = 4095; length <= 4096; length++) {
		_cleanup_free_ char *problems = NULL;
		struct config *config;

		memset(text + n, '/', length);
		memcpy(text + n + length, "\"]\nType=heap\n", 13);
		config = parse(text, n + length + 13);
		problems = told_problems(config, NULL);
		assert_int_equal(config_section_count(config), length == 4095);
		assert_int_equal(strstr(problems, "it is longer than a path may be") !=
					 NULL,
				 length == 4096);
		config_free(config);
	}
}

int main(void)
{
	const struct CMUnitTest properties[] = {
		cmocka_unit_test(test_many_problems),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_longest_name),
	};
	int failed = RUN_TABLE(syntax, test_row);

	failed += RUN_TABLE(mistakes, test_row);
	failed += RUN_TABLE(lengths, test_row);
	failed += RUN_TABLE(sections, test_row);
	failed += RUN_TABLE(globs, test_row);
	failed += cmocka_run_group_tests(properties, NULL, NULL);
	return failed;
}
