/* SPDX-License-Identifier: MIT */
/*
 * argv as the kernel makes it, as old kernels make it, and as an attacker's name makes it.
 */
#include <errno.h>
#include <string.h>

#include "tests/unit/table.h"

#include "handler/args.h"

#define U ARGS_UNKNOWN

struct row {
	const char *name;
	const char *argv[14]; /* behind argv[0] */
	int r;
	struct args args;
};

#define NONE \
	.dumpable = U, .uid = U, .gid = U, .rlimit = U, .time = U, .tid = U, .pidfd = U

static char long_comm[4097];

static const struct row rows[] = {
	{ "exactly %P %s %e",
	  { "4711", "11", "sleep" },
	  0,
	  { .pid = 4711, .signal = 11, .comm = "sleep", NONE } },
	{ "all options",
	  { "4711", "6", "x", "-d1", "-u1000", "-g1001", "-c4096", "-t1700000000",
	    "-I4712", "-F3" },
	  0,
	  { .pid = 4711,
	    .signal = 6,
	    .comm = "x",
	    .dumpable = 1,
	    .uid = 1000,
	    .gid = 1001,
	    .rlimit = 4096,
	    .time = 1700000000,
	    .tid = 4712,
	    .pidfd = 3 } },
	{ "options in another order",
	  { "1", "6", "x", "-F3", "-d2", "-u0" },
	  0,
	  { .pid = 1,
	    .signal = 6,
	    .comm = "x",
	    .dumpable = 2,
	    .uid = 0,
	    .gid = U,
	    .rlimit = U,
	    .time = U,
	    .tid = U,
	    .pidfd = 3 } },
	{ "a configuration",
	  { "--config=/etc/x.conf", "1", "6", "x" },
	  0,
	  { .config = "/etc/x.conf", .pid = 1, .signal = 6, .comm = "x", NONE } },
	{ "an empty configuration",
	  { "--config=", "1", "6", "x" },
	  0,
	  { .config = "", .pid = 1, .signal = 6, .comm = "x", NONE } },
	{ "a configuration behind",
	  { "1", "6", "x", "--config=/x" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },

	{ "COMM is an option",
	  { "1", "6", "-d1" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "-d1", NONE } },
	{ "COMM is a configuration",
	  { "1", "6", "--config=/x", "-d0" },
	  0,
	  { .pid = 1,
	    .signal = 6,
	    .comm = "--config=/x",
	    .dumpable = 0,
	    .uid = U,
	    .gid = U,
	    .rlimit = U,
	    .time = U,
	    .tid = U,
	    .pidfd = U } },
	{ "COMM is empty",
	  { "1", "6", "" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "", NONE } },
	{ "COMM is long",
	  { "1", "6", long_comm },
	  0,
	  { .pid = 1, .signal = 6, .comm = long_comm, NONE } },
	{ "COMM has rubbish bytes",
	  { "1", "6", "\xff\n%s/../" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "\xff\n%s/../", NONE } },
	{ "COMM split before Linux 5.3: the last -d counts, and is doubted",
	  { "1", "6", "x", "-d1", "-d0" },
	  0,
	  { .pid = 1,
	    .signal = 6,
	    .comm = "x",
	    .dumpable = 0,
	    .uid = U,
	    .gid = U,
	    .rlimit = U,
	    .time = U,
	    .tid = U,
	    .pidfd = U,
	    .doubtful = true } },
	{ "COMM split, rest is no option",
	  { "1", "6", "a", "b", "-d1" },
	  0,
	  { .pid = 1,
	    .signal = 6,
	    .comm = "a",
	    .dumpable = 1,
	    .uid = U,
	    .gid = U,
	    .rlimit = U,
	    .time = U,
	    .tid = U,
	    .pidfd = U,
	    .doubtful = true } },

	{ "specifiers an old kernel does not know",
	  { "1", "6", "x", "-d1", "-F" },
	  0,
	  { .pid = 1,
	    .signal = 6,
	    .comm = "x",
	    .dumpable = 1,
	    .uid = U,
	    .gid = U,
	    .rlimit = U,
	    .time = U,
	    .tid = U,
	    .pidfd = U } },
	{ "an option empty, then given",
	  { "1", "6", "x", "-d", "-d1" },
	  0,
	  { .pid = 1,
	    .signal = 6,
	    .comm = "x",
	    .dumpable = 1,
	    .uid = U,
	    .gid = U,
	    .rlimit = U,
	    .time = U,
	    .tid = U,
	    .pidfd = U,
	    .doubtful = true } },
	{ "an option given, then empty",
	  { "1", "6", "x", "-d1", "-d" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },
	{ "an option that is no number",
	  { "1", "6", "x", "-dx" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },
	{ "a number with rubbish",
	  { "1", "6", "x", "-u0x" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },
	{ "a negative number",
	  { "1", "6", "x", "-u-1" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },
	{ "an unknown option",
	  { "1", "6", "x", "-z1" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },
	{ "a dash alone",
	  { "1", "6", "x", "-" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },
	{ "an empty argument",
	  { "1", "6", "x", "" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },
	{ "two dashes",
	  { "1", "6", "x", "--d1" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },

	{ "each at its limit",
	  { "2147483647", "64", "x", "-d2", "-u4294967295", "-g4294967295",
	    "-c18446744073709551615", "-t253402300799", "-I2147483647", "-F2147483647" },
	  0,
	  { .pid = INT32_MAX,
	    .signal = 64,
	    .comm = "x",
	    .dumpable = 2,
	    .uid = UINT32_MAX,
	    .gid = UINT32_MAX,
	    .rlimit = INT64_MAX,
	    .time = 253402300799,
	    .tid = INT32_MAX,
	    .pidfd = INT32_MAX } },
	{ "-d above its limit",
	  { "1", "6", "x", "-d3" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },
	{ "-u above its limit",
	  { "1", "6", "x", "-u4294967296" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },
	{ "-c above its limit",
	  { "1", "6", "x", "-c18446744073709551616" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },
	{ "-t above its limit",
	  { "1", "6", "x", "-t253402300800" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },
	{ "-I above its limit",
	  { "1", "6", "x", "-I2147483648" },
	  0,
	  { .pid = 1, .signal = 6, .comm = "x", NONE, .doubtful = true } },
	{ "-c at 2^63",
	  { "1", "6", "x", "-c9223372036854775808" },
	  0,
	  { .pid = 1,
	    .signal = 6,
	    .comm = "x",
	    .rlimit = INT64_MAX,
	    .dumpable = U,
	    .uid = U,
	    .gid = U,
	    .time = U,
	    .tid = U,
	    .pidfd = U } },

	{ "signal 0",
	  { "1", "0", "x" },
	  0,
	  { .pid = 1, .signal = 0, .comm = "x", NONE } },
	{ "signal 65",
	  { "1", "65", "x" },
	  0,
	  { .pid = 1, .signal = U, .comm = "x", NONE } },
	{ "signal by name",
	  { "1", "SIGSEGV", "x" },
	  0,
	  { .pid = 1, .signal = U, .comm = "x", NONE } },
	{ "signal empty",
	  { "1", "", "x" },
	  0,
	  { .pid = 1, .signal = U, .comm = "x", NONE } },

	{ "nothing", { NULL }, -EINVAL, { 0 } },
	{ "one argument", { "1" }, -EINVAL, { 0 } },
	{ "two arguments", { "1", "6" }, -EINVAL, { 0 } },
	{ "a configuration and two", { "--config=x", "1", "6" }, -EINVAL, { 0 } },
	{ "two configurations",
	  { "--config=x", "--config=y", "6", "x" },
	  -EINVAL,
	  { 0 } },
	{ "PID 0", { "0", "6", "x" }, -EINVAL, { 0 } },
	{ "PID negative", { "-1", "6", "x" }, -EINVAL, { 0 } },
	{ "PID empty", { "", "6", "x" }, -EINVAL, { 0 } },
	{ "PID of 2^31", { "2147483648", "6", "x" }, -EINVAL, { 0 } },
	{ "PID with a blank", { " 1", "6", "x" }, -EINVAL, { 0 } },
	{ "%P as it stands", { "%P", "%s", "%e" }, -EINVAL, { 0 } },
};

static void test_parse(void **state)
{
	const struct row *row = *state;
	char *argv[16] = { (char *)(uintptr_t) "dumpd" };
	const char *reason = NULL;
	struct args args;
	int argc = 1;

	while (argc < 15 && row->argv[argc - 1]) {
		argv[argc] = (char *)(uintptr_t)row->argv[argc - 1];
		argc++;
	}
	assert_int_equal(args_parse(argc, argv, &args, &reason), row->r);
	if (row->r < 0) {
		assert_non_null(reason);
		return;
	}
	if (row->args.config)
		assert_string_equal(args.config, row->args.config);
	else
		assert_null(args.config);
	assert_string_equal(args.comm, row->args.comm);
	assert_int_equal(args.pid, row->args.pid);
	assert_int_equal(args.signal, row->args.signal);
	assert_int_equal(args.dumpable, row->args.dumpable);
	assert_int_equal(args.uid, row->args.uid);
	assert_int_equal(args.gid, row->args.gid);
	assert_int_equal(args.rlimit, row->args.rlimit);
	assert_int_equal(args.time, row->args.time);
	assert_int_equal(args.tid, row->args.tid);
	assert_int_equal(args.pidfd, row->args.pidfd);
	assert_int_equal(args.doubtful, row->args.doubtful);
}

/* execve() without any argument. */
static void test_no_argv(void **state)
{
	char *argv[] = { NULL };
	const char *reason = NULL;
	struct args args;

	(void)state;
	assert_int_equal(args_parse(0, argv, &args, &reason), -EINVAL);
	assert_non_null(reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_no_argv) };
	int failed;

	memset(long_comm, 'c', sizeof(long_comm) - 1);
	failed = RUN_TABLE(rows, test_parse);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
