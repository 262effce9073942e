/* SPDX-License-Identifier: MIT */
/*
 * From a configuration and the facts of a process to what a crash may cost, and the words for it.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "tests/unit/table.h"
#include "tests/unit/temporary.h"

#include "handler/load.h"
#include "handler/runtime.h"

struct rig {
	struct config *config;
	struct process process;
	struct load load;
	struct load_ask ask;
};

/* lines: "%s" is the runtime directory, which is told as far as it is there. */
static void rig_open(void **state, const char *lines, struct rig *rig)
{
	_cleanup_free_ char *path = temporary_path(*state, "conf");
	_cleanup_free_ char *text = NULL;

	assert_true(asprintf(&text, "[Dump]\nRuntimeDirectory=%s/run\n%s", (char *)*state,
			     lines) > 0);
	temporary_write(*state, "conf", text, strlen(text));
	assert_int_equal(config_load(path, &rig->config), 0);
	assert_int_equal(config_problem_count(rig->config), 0);
	process_init(&rig->process);
	load_init(&rig->load);
	rig->ask = (struct load_ask){
		.config = rig->config,
		.subject = { .exe = "/bin/a", .uid = 1000 },
		.process = &rig->process,
		.comm = "a",
	};
}

static void rig_close(struct rig *rig)
{
	load_done(&rig->load);
	process_done(&rig->process);
	config_free(rig->config);
}

static enum ceiling weigh(struct rig *rig)
{
	load_done(&rig->load);
	load_weigh(&rig->ask, &rig->load);
	return rig->load.ceiling;
}

static void test_rate(void **state)
{
	struct report report;
	struct rig rig;

	rig_open(state, "RateDumps=1\nRateMini=1\nRatePeriod=2min\n", &rig);
	assert_int_equal(weigh(&rig), CEILING_NONE);
	assert_true(rig.load.slot_fd >= 0);
	assert_string_equal(rig.load.reason, "");
	assert_int_equal(weigh(&rig), CEILING_MINI);
	assert_true(rig.load.slot_fd >= 0);
	assert_string_equal(rig.load.reason,
			    "2 crashes of this executable in 2min: mini is kept at most "
			    "(RateDumps= and RateMini= in dumpd.conf allow more)");
	assert_int_equal(weigh(&rig), CEILING_RECORD);
	assert_int_equal(rig.load.slot_fd, -1);
	assert_true(load_record_due(&rig.load));
	load_report(&rig.load, &report);
	assert_int_equal(report.outcome, REPORT_RECORD);
	assert_string_equal(report.type, "none");
	assert_string_equal(report.reason,
			    "3 crashes of this executable in 2min: a record only "
			    "(RateDumps= and RateMini= in dumpd.conf allow more)");
	rig_close(&rig);
}

static void test_user(void **state)
{
	struct rig rig;

	rig_open(state, "RateUserDumps=1\nRateUserMini=0\n", &rig);
	assert_int_equal(weigh(&rig), CEILING_NONE);
	rig.ask.subject.uid = 1001;
	assert_int_equal(weigh(&rig), CEILING_NONE);
	/* another id of who is logged in as 1000 */
	rig.process.owner_uid = 1000;
	assert_int_equal(weigh(&rig), CEILING_RECORD);
	assert_non_null(strstr(rig.load.reason,
			       "2 crashes of the programs of user 1000 "
			       "in 10min: a record only (RateUserDumps="));
	rig_close(&rig);
}

/* Two services of one interpreter; a session is none. */
static void test_service(void **state)
{
	const struct {
		const char *unit, *user_unit;
		enum ceiling want;
	} rows[] = {
		{ NULL, NULL, CEILING_NONE },
		{ "a.service", NULL, CEILING_NONE },
		{ "b.service", NULL, CEILING_NONE },
		{ "a.service", NULL, CEILING_RECORD },
		{ "user@1000.service", "c.service", CEILING_NONE },
		{ "user@1000.service", "d.service", CEILING_NONE },
		{ "session-1.scope", NULL, CEILING_RECORD },
		{ ".service", NULL, CEILING_RECORD },
	};
	struct rig rig;

	rig_open(state, "RateDumps=1\nRateMini=0\n", &rig);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		rig.process.unit = rows[i].unit ? strdup(rows[i].unit) : NULL;
		rig.process.user_unit = rows[i].user_unit ? strdup(rows[i].user_unit)
							  : NULL;
		assert_int_equal(weigh(&rig), rows[i].want);
		free(TAKE_PTR(rig.process.unit));
		free(TAKE_PTR(rig.process.user_unit));
	}
	rig_close(&rig);
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* A container is a user of its own, its root, too, unless a user made it up. */
static void test_container(void **state)
{
	static const struct {
		const char *cgroup;
		int64_t uid;
		enum ceiling want;
		const char *subject;
	} rows[] = {
		{ "/docker/" ID, 0, CEILING_NONE, NULL },
		{ "/docker/" ID, 0, CEILING_RECORD, "the programs of container " ID },
		{ "/docker/a" ID, 0, CEILING_NONE, NULL }, /* none: root's */
		{ "/kubepods/poda1/" ID, 0, CEILING_NONE, NULL },
		{ "/kubepods/poda1/a", 1000, CEILING_RECORD, "the programs of pod a1" },
		{ NULL, 1000, CEILING_NONE, NULL },
		{ "/user.slice/user-1000.slice/user@1000.service/docker-" ID, 1000,
		  CEILING_RECORD, "the programs of user 1000" },
	};
	struct rig rig;

	rig_open(state, "RateDumps=infinity\nRateUserDumps=1\nRateUserMini=0\n", &rig);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		rig.ask.subject.uid = rows[i].uid;
		rig.process.cgroup = rows[i].cgroup ? strdup(rows[i].cgroup) : NULL;
		assert_int_equal(weigh(&rig), rows[i].want);
		if (rows[i].subject)
			assert_non_null(strstr(rig.load.reason, rows[i].subject));
		free(TAKE_PTR(rig.process.cgroup));
	}
	rig_close(&rig);
}

/* An executable in a new container each time: ten times what one may have. */
static void test_loop(void **state)
{
	char cgroup[] = "/docker/" ID;
	struct rig rig;

	rig_open(state, "RateDumps=1\nRateMini=0\nRateUserDumps=infinity\n", &rig);
	rig.ask.subject.uid = 0;
	rig.process.cgroup = cgroup;
	for (int i = 0; i < RATE_LOOP + 3; i++) {
		cgroup[8] = (char)('0' + i % 10);
		cgroup[9] = (char)('0' + i / 10);
		assert_int_equal(weigh(&rig),
				 i < RATE_LOOP ? CEILING_NONE : CEILING_RECORD);
	}
	assert_non_null(strstr(rig.load.reason, "of this executable in containers in"));
	rig.process.cgroup = NULL;
	rig_close(&rig);
}

/* The first that has to wait tells of the others; a machine that goes down ends the wait. */
static void test_wait(void **state)
{
	struct report report;
	struct rig rig;
	struct load first;
	sigset_t term;

	rig_open(state, "RateDumps=0\nRateMini=0\n", &rig);
	assert_int_equal(weigh(&rig), CEILING_RECORD);
	assert_true(load_record_due(&rig.load));
	load_weigh(&rig.ask, &first);
	assert_int_equal(first.ceiling, CEILING_RECORD);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(weigh(&rig), CEILING_RECORD);
		assert_false(load_record_due(&rig.load));
	}
	assert_int_equal(sigemptyset(&term), 0);
	assert_int_equal(sigaddset(&term, SIGTERM), 0);
	assert_int_equal(sigprocmask(SIG_BLOCK, &term, NULL), 0);
	assert_int_equal(raise(SIGTERM), 0);
	assert_true(load_record_due(&first));
	assert_int_equal(first.repeated, 3);
	load_report(&first, &report);
	assert_non_null(strstr(report.reason,
			       "\nthis record is also for 3 more crashes of "
			       "it, which have none of their own"));
	load_done(&first);
	rig_close(&rig);
}

static int hold(void **state, const char *name)
{
	_cleanup_free_ char *path = temporary_path(*state, "run");
	int runtime = runtime_open(path, true), fd = runtime_file(runtime, name);

	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	close(runtime);
	return fd;
}

static void test_slots(void **state)
{
	static const char *const names[] = { "small.0", "small.1", "small.2", "small.3" };
	int held[ARRAY_SIZE(names)], large;
	struct rig rig;

	rig_open(state, "Type=full\nAskTypes=stacks\nSlots=1\nSlotWait=1s\n", &rig);
	assert_int_equal(weigh(&rig), CEILING_NONE);
	load_done(&rig.load);
	large = hold(state, "large.0");
	assert_int_equal(weigh(&rig), CEILING_MINI);
	assert_string_equal(rig.load.reason,
			    "too many crashes at once, all of 1 large slots were taken: "
			    "mini is kept at most (Slots= in dumpd.conf allows more)");
	/* who asks for less needs no large one; who asks for what is not allowed, does */
	rig.ask.asked = "stacks";
	assert_int_equal(weigh(&rig), CEILING_NONE);
	rig.ask.asked = "mini";
	assert_int_equal(weigh(&rig), CEILING_MINI);
	load_done(&rig.load);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		held[i] = hold(state, names[i]);
	assert_int_equal(weigh(&rig), CEILING_RECORD);
	assert_true(load_record_due(&rig.load));
	assert_string_equal(rig.load.reason,
			    "too many crashes at once, all of 1 large and 3 small slots "
			    "were taken for 1s: a record only (Slots= and SlotWait= in "
			    "dumpd.conf allow more)");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		close(held[i]);
	close(large);
	rig_close(&rig);
}

static bool is_free(void **state, const char *name)
{
	_cleanup_free_ char *path = temporary_path(*state, "run");
	_cleanup_fd_ int runtime = runtime_open(path, true);
	_cleanup_fd_ int fd = runtime_file(runtime, name);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* The half of the large slots is one's own, whatever others leave free. */
static void test_share(void **state)
{
	struct rig rig, second;

	rig_open(state, "Type=full\nSlots=2\nSlotWait=1s\n", &rig);
	rig_open(state, "Type=full\nSlots=2\nSlotWait=1s\n", &second);
	assert_int_equal(weigh(&rig), CEILING_NONE);
	assert_int_equal(weigh(&second), CEILING_MINI);
	assert_string_equal(second.load.reason,
			    "too many crashes at once of user 1000, whose half of the "
			    "large slots (1) was taken: mini is kept at most (Slots= in "
			    "dumpd.conf allows more)");
	second.ask.subject.uid = 2000;
	assert_int_equal(weigh(&second), CEILING_NONE);
	load_done(&second.load);
	/* who waits for the disk has no slot, and counts */
	load_wait_for_disk(&rig.load);
	assert_int_equal(rig.load.slot_fd, -1);
	assert_true(is_free(state, "large.0") && is_free(state, "large.1"));
	second.ask.subject.uid = 1000;
	assert_int_equal(weigh(&second), CEILING_MINI);
	load_done(&rig.load);
	assert_int_equal(weigh(&second), CEILING_NONE);
	rig_close(&second);
	rig_close(&rig);
}

/* What it asks for is known when it has a slot. */
struct asked {
	const char *name, *configured, *asked;
	const char *taken; /* by another: a slot; NULL: none */
	enum slot_class before, after;
	enum ceiling ceiling;
};

static const struct asked asked_rows[] = {
	{ "nothing", "full", NULL, NULL, SLOT_LARGE, SLOT_LARGE, CEILING_NONE },
	{ "less", "full", "stacks", NULL, SLOT_LARGE, SLOT_SMALL, CEILING_NONE },
	{ "less, small ones are taken", "full", "stacks", "small.", SLOT_LARGE,
	  SLOT_LARGE, CEILING_NONE },
	{ "more", "mini", "full", NULL, SLOT_SMALL, SLOT_LARGE, CEILING_NONE },
	{ "more, the large one is taken", "mini", "full", "large.", SLOT_SMALL,
	  SLOT_SMALL, CEILING_MINI },
	{ "as configured", "mini", "mini", NULL, SLOT_SMALL, SLOT_SMALL, CEILING_NONE },
	{ "what is not allowed", "mini", "heap", NULL, SLOT_SMALL, SLOT_SMALL,
	  CEILING_NONE },
	{ "no type", "mini", "everything", NULL, SLOT_SMALL, SLOT_SMALL, CEILING_NONE },
};

static size_t hold_all(void **state, const char *prefix, int held[4])
{
	size_t count = 0;

	for (size_t i = 0; prefix && i < (prefix[0] == 'l' ? 1 : 4); i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "%s%zu", prefix, i);
		held[count++] = hold(state, name);
	}
	return count;
}

static void test_asked(void **row_state)
{
	const struct asked *row = *row_state;
	void *directory, **state = &directory;
	char lines[128];
	struct rig rig;
	size_t count;
	int held[4];

	assert_int_equal(temporary_setup(state), 0);
	(void)snprintf(lines, sizeof(lines),
		       "Type=%s\nAskTypes=stacks mini full\nSlots=1\nSlotWait=1s\n",
		       row->configured);
	rig_open(state, lines, &rig);
	assert_int_equal(weigh(&rig), CEILING_NONE);
	assert_int_equal(rig.load.class, row->before);
	count = hold_all(state, row->taken, held);
	rig.ask.asked = row->asked;
	load_weigh_asked(&rig.ask, &rig.load);
	assert_int_equal(rig.load.class, row->after);
	assert_int_equal(rig.load.ceiling, row->ceiling);
	assert_true(rig.load.slot_fd >= 0);
	if (!row->taken)
		assert_int_equal(is_free(state, "large.0"), row->after == SLOT_SMALL);
	while (count > 0)
		close(held[--count]);
	rig_close(&rig);
	assert_int_equal(temporary_teardown(state), 0);
}

/* Where nothing can be counted or locked nothing is limited. */
static void test_unusable(void **state)
{
	_cleanup_free_ char *path = temporary_path(*state, "run");
	struct rig rig;

	rig_open(state, "Type=full\nRateDumps=0\nRateMini=0\n", &rig);
	temporary_write(*state, "run", "", 0);
	assert_int_equal(weigh(&rig), CEILING_NONE);
	assert_int_equal(rig.load.slot_fd, -1);
	assert_int_equal(remove(path), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(weigh(&rig), CEILING_NONE);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(weigh(&rig), CEILING_RECORD);
	rig_close(&rig);
}

static void test_unlimited(void **state)
{
	_cleanup_free_ char *path = temporary_path(*state, "run/rates");
	struct rig rig;

	rig_open(state, "RateDumps=infinity\nRateUserDumps=infinity\n", &rig);
	for (int i = 0; i < 50; i++)
		assert_int_equal(weigh(&rig), CEILING_NONE);
	assert_int_equal(access(path, F_OK), -1);
	rig_close(&rig);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rate),     TEST(test_user),	   TEST(test_service),
		TEST(test_wait),     TEST(test_slots),	   TEST(test_share),
		TEST(test_unusable), TEST(test_unlimited), TEST(test_container),
		TEST(test_loop),
	};

	return RUN_TABLE(asked_rows, test_asked) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
