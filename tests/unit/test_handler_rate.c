/* SPDX-License-Identifier: MIT */
/*
 * Who gets what, crash after crash. A row is a script; one character is a step:
 *   a b c   a program of user 1000 crashes;   A B C   one of root's;   x y   one of user 2000's
 *   0 to 9, -  one executable of root's, in one of eleven containers;   + another one in container 0
 *   .  a second passes    :  ten seconds pass    #  ten minutes pass
 *   !  who waits for a program's record asks;   ?  who waits for the user's does (both user 1000's a)
 * and what comes out is
 *   f  as configured    m  mini    w  a record, later    -  counted by who waits
 *   r  a record, and the number of crashes it is also for, if there are any; "u" before r, w, - and
 *   m where it was the user's limit, or the container's, "l" where it was that of all containers.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/table.h"

#include "handler/rate.h"

#define SECOND INT64_C(1000000)
#define NONE   UINT64_MAX

struct row {
	const char *name;
	struct rate_limits limits;
	const char *script, *want;
};

#define LIMITS(d, m, ud, um)                                                           \
	{                                                                              \
		.period = 600 * SECOND, .dumps = (d), .mini = (m), .user_dumps = (ud), \
		.user_mini = (um),                                                     \
	}

static const struct row rows[] = {
	{ "the first ones as configured", LIMITS(3, 2, 50, 50), "aaa", "fff" },
	{ "then mini", LIMITS(3, 2, 50, 50), "aaaaa", "fffmm" },
	{ "then a record", LIMITS(3, 2, 50, 50), "aaaaaa", "fffmmr" },
	{ "then one waits, the others are counted", LIMITS(1, 1, 50, 50), "aaaaaa",
	  "fmrw--" },
	{ "who waited tells of all", LIMITS(1, 1, 50, 50), "aaaaaa:!", "fmrw--r2" },
	{ "who waited alone", LIMITS(1, 1, 50, 50), "aaaa:!", "fmrwr" },
	{ "a record each, where there is time between", LIMITS(1, 1, 50, 50), "aaa:a:a",
	  "fmrrr" },
	{ "another record was first: it tells of all", LIMITS(1, 1, 50, 50), "aaaa:a!",
	  "fmrwr1-" },
	{ "who waits was killed: the next one tells", LIMITS(1, 1, 50, 50), "aaaaaa:a",
	  "fmrw--r3" },
	{ "after that one waits again", LIMITS(1, 1, 50, 50), "aaaaa:!aa:!",
	  "fmrw-r1w-r1" },
	{ "a new period", LIMITS(2, 1, 50, 50), "aaaa#aaaa", "ffmrffmr" },
	{ "a period begins with its first crash", LIMITS(1, 0, 50, 50), "a:::#a", "ff" },
	{ "what waits is not forgotten by a new period", LIMITS(1, 0, 50, 50), "aaaa#a!",
	  "frw-fr1" },
	{ "another program", LIMITS(1, 1, 50, 50), "aaaabbbb", "fmrwfmrw" },
	{ "another user", LIMITS(1, 1, 50, 50), "aaaaxxxx", "fmrwfmrw" },
	{ "root", LIMITS(1, 1, 50, 50), "AAAAa", "fmrwf" },
	{ "no mini", LIMITS(1, 0, 50, 50), "aaa", "frw" },
	{ "no dumps", LIMITS(0, 1, 50, 50), "aaa", "mrw" },
	{ "nothing", LIMITS(0, 0, 50, 50), "aaa:!", "rw-r1" },
	{ "no limit of dumps", LIMITS(NONE, 0, NONE, 0), "aaaaaaaa", "ffffffff" },
	{ "no limit of mini", LIMITS(1, NONE, NONE, NONE), "aaaaaaaa", "fmmmmmmm" },

	{ "a user's limit", LIMITS(2, 2, 3, 2), "aabbcc", "fffumumur" },
	{ "a user's limit of dumps, own mini left", LIMITS(5, 1, 1, 9), "abbbb",
	  "fumrw-" },
	{ "a user's records are one's", LIMITS(5, 5, 1, 0), "abcabc:?",
	  "furuwu-u-u-ur3" },
	{ "a user's limit is no other user's", LIMITS(1, 1, 1, 1), "ab xy", "fumfum" },
	{ "a loop takes its own share of the user's", LIMITS(2, 1, 5, 5),
	  "aaaaaaaaaabbbb", "ffmrw-----ffmr" },
	{ "no limit for all of root's", LIMITS(1, 1, 1, 1), "ABCABC", "fffmmm" },

	{ "a container does not take from another", LIMITS(1, 1, 50, 50), "0000011",
	  "fmrw-fm" },
	{ "nor from the machine's", LIMITS(1, 1, 50, 50), "0000AA", "fmrwfm" },
	{ "a container's limit, its root's, too", LIMITS(9, 9, 2, 1), "0+0+01",
	  "ffumuruwf" },
	{ "the same executable, each time in a new one", LIMITS(1, 0, 50, 50),
	  "0123456789--", "fffffffffflrlw" },
};

static const struct rate_who *in_container(char number, const char *exe,
					   struct rate_who *who)
{
	static char id[2];

	id[0] = number;
	*who = (struct rate_who){
		.exe = exe, .group = id, .contained = true, .user = rate_container(id)
	};
	return who;
}

static const struct rate_who *who_of(char step)
{
	static struct rate_who who;
	static char exe[8];

	(void)snprintf(exe, sizeof(exe), "/bin/%c", step | 0x20);
	who = (struct rate_who){ .exe = exe, .uid = 1000, .user = 1000 };
	if (step < 'a')
		who.uid = who.user = 0;
	if ((step >= '0' && step <= '9') || step == '-')
		return in_container(step, "/app", &who);
	if (step == '+')
		return in_container('0', "/other", &who);
	if (step == 'x' || step == 'y')
		who.uid = who.user = 2000;
	return &who;
}

static void print_answer(const struct rate_answer *answer, FILE *out)
{
	static const char letters[] = {
		[RATE_CONFIGURED] = 'f', [RATE_MINI] = 'm',    [RATE_RECORD] = 'r',
		[RATE_WAIT] = 'w',	 [RATE_COUNTED] = '-',
	};

	static const char *const by[] = { "", "l", "u" };

	fprintf(out, "%s%c", by[answer->by], letters[answer->verdict]);
	if (answer->repeated)
		fprintf(out, "%d", (int)answer->repeated);
}

static int64_t passes(char step)
{
	switch (step) {
	case '.':
		return SECOND;
	case ':':
		return 10 * SECOND;
	case '#':
		return 600 * SECOND;
	default:
		return 0;
	}
}

static void play(struct rate_table *table, const struct row *row, FILE *out)
{
	int64_t now = 5000 * SECOND;

	for (const char *step = row->script; *step; step++) {
		struct rate_answer answer;

		now += passes(*step);
		if (passes(*step) || *step == ' ')
			continue;
		if (*step == '!' || *step == '?')
			rate_due(table, who_of('a'),
				 *step == '?' ? RATE_BY_USER : RATE_BY_PROGRAM, now,
				 &answer);
		else
			rate_decide(table, who_of(*step), &row->limits, now, &answer);
		print_answer(&answer, out);
	}
}

static void test_script(void **state)
{
	const struct row *row = *state;
	struct rate_table *table = malloc(sizeof(*table));
	_cleanup_free_ char *got = NULL;
	size_t n;
	FILE *out = open_memstream(&got, &n);

	assert_non_null(table);
	rate_table_init(table);
	play(table, row, out);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(got, row->want);
	assert_true(rate_table_check(table));
	free(table);
}

/* Every crash is in a dump, a record, or a record's number, and once only. */
static void test_all_accounted(void **state)
{
	const struct rate_limits limits = LIMITS(3, 4, 20, 20);
	struct rate_table *table = malloc(sizeof(*table));
	const int crashes = 5000;
	uint64_t accounted = 0, records = 0, due_at[8] = { 0 };
	enum rate_by by[8];
	int64_t now = SECOND;

	(void)state;
	assert_non_null(table);
	rate_table_init(table);
	srand(7);
	for (int i = 0; i < crashes + 200; i++) {
		int which = rand() % 8;
		char step = "abcdefgh"[which];
		struct rate_answer answer;

		now += i < crashes ? rand() % (SECOND / 2) : SECOND;
		for (int j = 0; j < 8; j++) {
			if (!due_at[j] || (int64_t)due_at[j] > now)
				continue;
			rate_due(table, who_of("abcdefgh"[j]), by[j], now, &answer);
			due_at[j] = 0;
			records += answer.verdict == RATE_RECORD;
			accounted += answer.verdict == RATE_RECORD ? 1 + answer.repeated
								   : 0;
		}
		if (i >= crashes)
			continue;
		rate_decide(table, who_of(step), &limits, now, &answer);
		if (answer.verdict == RATE_WAIT) {
			due_at[which] = (uint64_t)answer.when;
			by[which] = answer.by;
		}
		if (answer.verdict <= RATE_RECORD)
			accounted += 1 + answer.repeated;
		records += answer.verdict == RATE_RECORD;
	}
	assert_int_equal(accounted, crashes);
	assert_in_range(records, 1, 2 * crashes / 5);
	free(table);
}

static uint64_t entries_of(const struct rate_table *table, int64_t user)
{
	uint64_t count = 0;

	for (size_t i = 0; i < RATE_PROGRAMS; i++)
		count += table->programs[i].start && table->programs[i].user == user;
	return count;
}

static void crash(struct rate_table *table, int64_t user, int program, int64_t now,
		  struct rate_answer *ret)
{
	const struct rate_limits limits = LIMITS(1, 0, NONE, NONE);
	char exe[24];

	(void)snprintf(exe, sizeof(exe), "/p%d", program);
	rate_decide(table, &(struct rate_who){ .exe = exe, .uid = user, .user = user },
		    &limits, now, ret);
}

/* Many programs of one user reset nobody else's count, and take nobody's room. */
static void test_many_programs(void **state)
{
	struct rate_table *table = malloc(sizeof(*table));
	struct rate_answer answer;

	(void)state;
	assert_non_null(table);
	rate_table_init(table);
	crash(table, 2000, 1, SECOND, &answer);
	assert_int_equal(answer.verdict, RATE_CONFIGURED);
	for (int i = 0; i < 10000; i++) {
		crash(table, 1000, i, 2 * SECOND + i, &answer);
		assert_int_equal(answer.verdict, RATE_CONFIGURED);
	}
	assert_int_equal(entries_of(table, 1000), RATE_SHARE);
	crash(table, 2000, 1, 3 * SECOND, &answer);
	assert_int_equal(answer.verdict, RATE_RECORD);
	crash(table, 2001, 1, 3 * SECOND, &answer);
	assert_int_equal(answer.verdict, RATE_CONFIGURED);
	free(table);
}

/* Where all is taken, who has most gives up what crashed longest ago. */
static void test_full(void **state)
{
	struct rate_table *table = malloc(sizeof(*table));
	struct rate_answer answer;

	(void)state;
	assert_non_null(table);
	rate_table_init(table);
	for (int i = 0; i < RATE_PROGRAMS - 1; i++)
		crash(table, 0, i, SECOND + i, &answer);
	crash(table, 1000, 1, 2 * SECOND, &answer);
	assert_int_equal(entries_of(table, 0), RATE_PROGRAMS - 1);
	crash(table, 1001, 1, 2 * SECOND, &answer);
	assert_int_equal(answer.verdict, RATE_CONFIGURED);
	assert_int_equal(entries_of(table, 0), RATE_PROGRAMS - 2);
	crash(table, 1000, 1, 2 * SECOND, &answer);
	assert_int_equal(answer.verdict, RATE_RECORD);
	crash(table, 0, 1, 2 * SECOND, &answer); /* was the second, and is there */
	assert_int_equal(answer.verdict, RATE_RECORD);
	crash(table, 0, 0, 2 * SECOND, &answer); /* was given up */
	assert_int_equal(answer.verdict, RATE_CONFIGURED);
	free(table);
}

/* Where all have crashes to tell of, none is given up: a record of its own. */
static void test_all_wait(void **state)
{
	struct rate_table *table = malloc(sizeof(*table));
	struct rate_answer answer;

	(void)state;
	assert_non_null(table);
	rate_table_init(table);
	for (int i = 0; i < 3 * RATE_PROGRAMS; i++)
		crash(table, 0, i % RATE_PROGRAMS, SECOND + i, &answer);
	assert_int_equal(answer.verdict, RATE_WAIT);
	crash(table, 1000, 1, 2 * SECOND, &answer);
	assert_int_equal(answer.verdict, RATE_RECORD);
	assert_null(answer.entries[RATE_BY_PROGRAM]);
	assert_int_equal(entries_of(table, 0), RATE_PROGRAMS);
	free(table);
}

static void test_damage(void **state)
{
	struct rate_table *table = malloc(sizeof(*table));
	struct rate_answer answer;

	(void)state;
	assert_non_null(table);
	rate_table_init(table);
	crash(table, 1000, 1, SECOND, &answer);
	crash(table, 1000, 2, SECOND, &answer);
	assert_true(rate_table_check(table));
	assert_int_equal(entries_of(table, 1000), 2);
	table->programs[0].dumps = 0;
	assert_true(rate_table_check(table));
	assert_int_equal(entries_of(table, 1000), 1);
	table->magic++;
	assert_false(rate_table_check(table));
	assert_int_equal(entries_of(table, 1000), 0);
	assert_true(rate_table_check(table));
	free(table);
}

/* A directory that outlived a boot has times to come. */
static void test_earlier_boot(void **state)
{
	struct rate_table *table = malloc(sizeof(*table));
	struct rate_answer answer;

	(void)state;
	assert_non_null(table);
	rate_table_init(table);
	for (int i = 0; i < 4; i++)
		crash(table, 1000, 1, 9000 * SECOND, &answer);
	assert_int_equal(answer.verdict, RATE_COUNTED);
	crash(table, 1000, 1, 5 * SECOND, &answer);
	assert_int_equal(answer.verdict, RATE_CONFIGURED);
	crash(table, 1000, 1, 5 * SECOND, &answer);
	assert_int_equal(answer.verdict, RATE_RECORD);
	assert_int_equal(answer.repeated, 2);
	free(table);
}

/* The user's and the program's limits, and whether there is anything to count. */
static void test_limited(void **state)
{
	const struct rate_limits none = LIMITS(NONE, 0, NONE, 0),
				 one = LIMITS(NONE, 0, 1, 0), two = LIMITS(1, 0, NONE, 0);

	(void)state;
	assert_false(rate_is_limited(&none));
	assert_true(rate_is_limited(&one));
	assert_true(rate_is_limited(&two));
}

/* What makes one program another one. */
static void test_keys(void **state)
{
	const uint64_t key = rate_key("/bin/a", "a.service", 0);

	(void)state;
	assert_int_equal(rate_key("/bin/a", "a.service", 0), key);
	assert_int_not_equal(rate_key("/bin/b", "a.service", 0), key);
	assert_int_not_equal(rate_key("/bin/a", "b.service", 0), key);
	assert_int_not_equal(rate_key("/bin/a", "a.service", 1), key);
	assert_int_not_equal(rate_key("/bin/aa", ".service", 0), key);
	assert_int_equal(rate_key(NULL, NULL, 5), rate_key("", "", 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_accounted),
		cmocka_unit_test(test_many_programs),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_all_wait),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_earlier_boot),
		cmocka_unit_test(test_limited),
		cmocka_unit_test(test_keys),
	};
	int failed = RUN_TABLE(rows, test_script);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
