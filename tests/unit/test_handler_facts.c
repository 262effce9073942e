/* SPDX-License-Identifier: MIT */
/*
 * Which of the three sources a fact comes from, and the moment of a crash.
 */
#include <errno.h>
#include <string.h>

#include "tests/unit/table.h"

#include "handler/facts.h"

#define S INT64_C(1000000)

struct moment {
	const char *name;
	int64_t kernel, handler, expected;
};

static const struct moment moments[] = {
	{ "not told", -1, 1700000000 * S + 123, 1700000000 * S + 123 },
	{ "same second", 1700000000, 1700000000 * S + 123, 1700000000 * S + 123 },
	{ "last of a second", 1700000000, 1700000000 * S + 999999,
	  1700000000 * S + 999999 },
	{ "ten seconds to start", 1700000000, 1700000010 * S + 999999,
	  1700000010 * S + 999999 },
	{ "eleven seconds", 1700000000, 1700000011 * S, 1700000000 * S },
	{ "clock was set back", 1700000000, 1699999999 * S + 999999, 1700000000 * S },
	{ "clock was set back to 0", 1700000000, 0, 1700000000 * S },
	{ "both 0", 0, 0, 0 },
	{ "kernel 0", 0, 1700000000 * S, 0 },
	{ "largest that args takes", INT64_MAX / S, 0, INT64_MAX / S *S },
};

static void test_moment(void **state)
{
	const struct moment *row = *state;

	assert_int_equal(facts_timestamp(row->kernel, row->handler), row->expected);
}

/* One number, from wherever it is known. -1: not known there. */
struct number {
	const char *name;
	int64_t args, process, report, expected;
};

#define U RECORD_UNKNOWN

/* The notes' user counts in the process' own namespace: root there is nobody here. */
static const struct number uids[] = {
	{ "arguments first", 1, 2, 0, 1 }, { "0 is known", 0, 2, 0, 0 },
	{ "then /proc", -1, 2, 0, 2 },	   { "nobody knows", -1, -1, 0, U },
	{ "root in /proc", -1, 0, 0, 0 },
};

static const struct number limits[] = {
	{ "arguments first", 1, 2, 0, 1 },
	{ "then /proc", -1, 2, 0, 2 },
	{ "unlimited", INT64_MAX, 2, 0, RECORD_UNLIMITED },
	{ "nobody knows", -1, -1, 0, U },
};

/* report: the TID in the process' own namespace; process: its PID there (ours is 100). */
static const struct number tids[] = {
	{ "arguments first", 101, 100, 102, 101 },
	{ "notes of our namespace", -1, 100, 102, 102 },
	{ "notes of another namespace", -1, 1, 2, U },
	{ "no notes", -1, -1, -1, U },
};

/* report: µs. */
static const struct number plannings[] = {
	{ "planned", 0, 0, 1234, 1234 },
	{ "within a microsecond", 0, 0, 0, 0 },
	{ "not planned", 0, 0, -1, U },
	{ "a worker that lies", 0, 0, INT64_MIN + 1, U },
};

static const struct number signals[] = {
	{ "arguments first", 11, 0, 6, 11 },
	{ "then the notes", -1, 0, 6, 6 },
	{ "nobody knows", -1, 0, -1, 0 },
};

struct facts {
	struct args args;
	struct process process;
	struct report report;
	struct record record;
};

static void same(const char *have, const char *want)
{
	if (want)
		assert_string_equal(have ? have : "NULL", want);
	else
		assert_null(have);
}

static void init(struct facts *f)
{
	memset(f, 0, sizeof(*f));
	f->args = (struct args){ .pid = 100,
				 .signal = -1,
				 .comm = "comm",
				 .dumpable = -1,
				 .uid = -1,
				 .gid = -1,
				 .rlimit = -1,
				 .time = -1,
				 .tid = -1,
				 .pidfd = -1 };
	process_init(&f->process);
	report_init(&f->report);
	f->report.hushed = false;
	record_init(&f->record);
}

static void make(struct facts *f)
{
	const struct facts_start start = { 1700000000 * S, 0 };

	assert_int_equal(
		facts_record(&start, &f->args, &f->process, &f->report, &f->record), 0);
}

static void test_uid(void **state)
{
	const struct number *row = *state;
	struct facts f;

	init(&f);
	f.args.uid = row->args;
	f.process.uid = row->process;
	make(&f);
	assert_int_equal(f.record.uid, row->expected);
	record_done(&f.record);
}

static void test_planning(void **state)
{
	const struct number *row = *state;
	struct facts f;

	init(&f);
	f.report.planning = row->report;
	make(&f);
	assert_int_equal(f.record.planning, row->expected);
	record_done(&f.record);
}

static void test_rlimit(void **state)
{
	const struct number *row = *state;
	struct facts f;

	init(&f);
	f.args.rlimit = row->args;
	f.process.rlimit = row->process;
	make(&f);
	assert_int_equal(f.record.rlimit, row->expected);
	record_done(&f.record);
}

static void test_tid(void **state)
{
	const struct number *row = *state;
	struct facts f;

	init(&f);
	f.args.tid = row->args;
	f.report.namespace_pid = row->process;
	f.report.namespace_tid = row->report;
	make(&f);
	assert_int_equal(f.record.tid, row->expected);
	record_done(&f.record);
}

static void test_signal(void **state)
{
	const struct number *row = *state;
	struct facts f;

	init(&f);
	f.args.signal = row->args;
	f.report.signal = row->report;
	make(&f);
	assert_int_equal(f.record.signal, row->expected);
	record_done(&f.record);
}

struct signal_name {
	const char *name; /* and what is expected */
	int64_t signal;
};

static const struct signal_name signal_names[] = {
	{ "SIGSEGV", 11 }, { "SIGABRT", 6 },	 { "SIGBUS", 7 },	{ "SIGSYS", 31 },
	{ "0", 0 },	   { "SIGRTMIN+0", 34 }, { "SIGRTMIN+30", 64 }, { "32", 32 },
};

static void test_signal_name(void **state)
{
	const struct signal_name *row = *state;
	struct facts f;

	init(&f);
	f.args.signal = row->signal;
	make(&f);
	assert_string_equal(f.record.signal_name, row->name);
	record_done(&f.record);
}

struct fault {
	const char *name;
	bool known, has_address;
	const char *address; /* NULL: none */
};

static const struct fault faults[] = {
	{ "an address", true, true, "0xdead" },
	{ "no address", true, false, NULL },
	{ "no information", false, true, NULL },
};

static void test_fault(void **state)
{
	const struct fault *row = *state;
	struct facts f;

	init(&f);
	f.report.has_siginfo = row->known;
	f.report.signal = 11;
	f.report.signal_code = 1;
	(void)snprintf(f.report.code_name, sizeof(f.report.code_name), "SEGV_MAPERR");
	(void)snprintf(f.report.fault, sizeof(f.report.fault), "stack-overflow");
	f.report.has_address = row->has_address;
	f.report.fault_address = 0xdead;
	make(&f);
	same(f.record.fault_address, row->address);
	assert_int_equal(f.record.signal_code, row->known ? 1 : U);
	same(f.record.code_name, row->known ? "SEGV_MAPERR" : NULL);
	same(f.record.fault, row->known ? "stack-overflow" : NULL);
	record_done(&f.record);
}

struct cmdline {
	const char *name;
	const char *proc;
	size_t n;
	const char *psargs;
	const char *expected; /* NULL: none */
};

static const struct cmdline cmdlines[] = {
	{ "arguments", "a\0b c\0", 6, "", "a $'b c'" },
	{ "empty arguments in between", "a\0\0b\0", 5, "", "a \"\" b" },
	{ "quotes", "a\0it's\0\"\0", 9, "", "a $'it\\'s' $'\"'" },
	{ "empty arguments at the end", "a\0\0\0", 4, "", "a" },
	{ "no NUL at the end", "a b", 3, "", "$'a b'" },
	{ "only NULs", "\0\0", 2, "", "" },
	{ "notes, where /proc is not known", NULL, 0, "a b ", "a b" },
	{ "/proc before the notes", "x\0", 2, "a b", "x" },
	{ "neither", NULL, 0, "", NULL },
};

static void test_cmdline(void **state)
{
	const struct cmdline *row = *state;
	struct facts f;

	init(&f);
	f.process.files[PROCESS_CMDLINE] =
		(struct blob){ .bytes = (char *)(uintptr_t)row->proc, .n = row->n };
	(void)snprintf(f.report.psargs, sizeof(f.report.psargs), "%s", row->psargs);
	make(&f);
	if (row->expected)
		assert_string_equal(f.record.cmdline, row->expected);
	else
		assert_null(f.record.cmdline);
	record_done(&f.record);
}

static void test_rest(void **state)
{
	struct facts f;

	(void)state;
	init(&f);
	f.process.exe = (char *)(uintptr_t) "/proc/says";
	f.process.root = (char *)(uintptr_t) "/";
	f.process.verified = true;
	f.args.doubtful = true;
	f.args.comm = "";
	f.report.outcome = REPORT_CUT;
	make(&f);
	assert_string_equal(f.record.exe, "/proc/says");
	assert_string_equal(f.record.comm, "unknown");
	assert_string_equal(f.record.outcome, OUTCOME_CUT);
	assert_int_equal(f.record.truncated, 1);
	assert_int_equal(f.record.verified, 0);
	assert_int_equal(f.record.threads, U);
	assert_int_equal(f.record.size_dump, U);
	assert_null(f.record.root);
	assert_int_equal(strlen(f.record.id), RECORD_ID_LENGTH);
	assert_true(f.record.id[0] >= 'a' && f.record.id[0] <= 'f');
	assert_int_equal(strspn(f.record.id, "0123456789abcdef"), RECORD_ID_LENGTH);
	assert_int_equal(strlen(f.record.boot_id), 32);
	record_done(&f.record);
	f.process.root = (char *)(uintptr_t) "/jail";
	make(&f);
	assert_string_equal(f.record.root, "/jail");
	record_done(&f.record);
}

/* NULL: not known there, or not to be in the record. */
struct name {
	const char *name;
	const char *comm, *thread, *argument, *note; /* /proc, /proc, %e, NT_PRPSINFO */
	int64_t tid; /* the PID is 100 */
	const char *process_is, *thread_is;
};

static const struct name names[] = {
	{ "a slash", "a/b", "c/d", "c!d", "a/b", 101, "a/b", "c/d" },
	{ "nothing in /proc", NULL, NULL, "c!d", "a/b", 101, "a/b", "c!d" },
	{ "no notes", NULL, NULL, "a!b", NULL, 100, "a!b", "a!b" },
	{ "no notes, which thread is not known", NULL, NULL, "a", NULL, -1, "a", "a" },
	{ "no notes, another thread", NULL, NULL, "c", NULL, 101, "unknown", "c" },
	{ "no name", "", "", "!", "", 100, "unknown", NULL },
	{ "/proc before the notes", "new", "new", "new", "old", 100, "new", "new" },
	{ "nothing at all", NULL, NULL, "", NULL, -1, "unknown", NULL },
};

static void test_name(void **state)
{
	const struct name *row = *state;
	struct facts f;

	init(&f);
	f.process.comm = (char *)(uintptr_t)row->comm;
	f.process.thread_comm = (char *)(uintptr_t)row->thread;
	f.args.comm = row->argument;
	f.args.tid = row->tid;
	f.report.has_psinfo = row->note != NULL;
	(void)snprintf(f.report.fname, sizeof(f.report.fname), "%s",
		       row->note ? row->note : "");
	make(&f);
	same(f.record.comm, row->process_is);
	same(f.record.thread_name, row->thread_is);
	record_done(&f.record);
}

struct exe {
	const char *name;
	const char *proc, *core; /* /proc/PID/exe, NT_FILE */
	const char *exe, *exe_in_core;
};

static const struct exe exes[] = {
	{ "both say the same", "/bin/x", "/bin/x", "/bin/x", NULL },
	{ "a layer", "/merged/x", "/upper/x", "/merged/x", "/upper/x" },
	{ "/proc alone", "/bin/x", "", "/bin/x", NULL },
	{ "the core alone", NULL, "/bin/x", "/bin/x", NULL },
	{ "neither", NULL, "", NULL, NULL },
};

static void test_exe(void **state)
{
	const struct exe *row = *state;
	struct facts f;

	init(&f);
	f.process.exe = (char *)(uintptr_t)row->proc;
	(void)snprintf(f.report.exe, sizeof(f.report.exe), "%s", row->core);
	make(&f);
	same(f.record.exe, row->exe);
	same(f.record.exe_in_core, row->exe_in_core);
	record_done(&f.record);
}

static void test_duration(void **state)
{
	struct facts_start start;
	struct record record;

	(void)state;
	record_init(&record);
	facts_start(&start);
	assert_true(start.realtime > 1600000000 * S);
	facts_stop(&start, &record);
	assert_true(record.duration >= 0 && record.duration < 60 * S);
	record_done(&record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_duration),
	};
	int failed = RUN_TABLE(moments, test_moment);

	failed += RUN_TABLE(uids, test_uid);
	failed += RUN_TABLE(limits, test_rlimit);
	failed += RUN_TABLE(plannings, test_planning);
	failed += RUN_TABLE(tids, test_tid);
	failed += RUN_TABLE(signals, test_signal);
	failed += RUN_TABLE(signal_names, test_signal_name);
	failed += RUN_TABLE(faults, test_fault);
	failed += RUN_TABLE(names, test_name);
	failed += RUN_TABLE(exes, test_exe);
	failed += RUN_TABLE(cmdlines, test_cmdline);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
