/* SPDX-License-Identifier: MIT */
/*
 * Texts of /proc, as kernels write them and as nobody should; and a live process, which is
 * not dumping core.
 */
#include <string.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "handler/process.h"

/* Linux 6.1; the name is one that tries to be a line of its own. The kernel escapes it. */
#define STATUS                                                                            \
	"Name:\tx\\nUid:\\t0\\t0\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t4711\n"      \
	"Ngid:\t0\nPid:\t4711\nPPid:\t1\nTracerPid:\t0\nUid:\t1000\t1001\t1002\t1003\n"   \
	"Gid:\t2000\t2001\t2002\t2003\nFDSize:\t64\nGroups:\t4 24 27 \nCoreDumping:\t1\n" \
	"THP_enabled:\t1\nThreads:\t1\n"

struct number {
	const char *name, *text, *key;
	int64_t value;
};

static const struct number numbers[] = {
	{ "Uid", STATUS, "Uid:", 1000 },
	{ "Gid", STATUS, "Gid:", 2000 },
	{ "Pid, not Tgid nor PPid", STATUS, "Pid:", 4711 },
	{ "CoreDumping", STATUS, "CoreDumping:", 1 },
	{ "last line", STATUS, "Threads:", 1 },
	{ "no number", STATUS, "State:", -1 },
	{ "no such key", STATUS, "Seccomp:", -1 },
	{ "part of a key", STATUS, "id:", -1 },
	{ "empty text", "", "Uid:", -1 },
	{ "newlines only", "\n\n\n", "Uid:", -1 },
	{ "behind empty lines", "\n\nUid:\t5\n", "Uid:", 5 },
	{ "no value", "Uid:\n", "Uid:", -1 },
	{ "no value, no newline", "Uid:", "Uid:", -1 },
	{ "no value, another line", "Uid:\t\nGid:\t5\n", "Uid:", -1 },
	{ "no newline at the end", "Uid:\t7", "Uid:", 7 },
	{ "cut in the value", "Uid:\t10", "Uid:", 10 },
	{ "blanks", "Uid: \t  8 \n", "Uid:", 8 },
	{ "negative", "Uid:\t-1\n", "Uid:", -1 },
	{ "pidfd of a dead process", "pos:\t0\nflags:\t02\nPid:\t-1\nNSpid:\t-1\n",
	  "Pid:", -1 },
	{ "a pidfd",
	  "pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t1\nPid:\t4711\nNSpid:\t4711\n",
	  "Pid:", 4711 },
	{ "largest", "Uid:\t9223372036854775807\n", "Uid:", INT64_MAX },
	{ "too large", "Uid:\t9223372036854775808\n", "Uid:", -1 },
	{ "thirty digits", "Uid:\t111111111111111111111111111111\n", "Uid:", -1 },
	{ "first of two", "Uid:\t1\nUid:\t2\n", "Uid:", 1 },
};

static void test_number(void **state)
{
	const struct number *row = *state;

	assert_int_equal(process_status_number(row->text, row->key), row->value);
}

static const struct number innermost[] = {
	{ "one namespace", "Tgid:\t7\nNStgid:\t4711\nNSpid:\t4712\n", "NStgid:", 4711 },
	{ "three namespaces", "NStgid:\t4711\t35\t1\nNSpid:\t9\n", "NStgid:", 1 },
	{ "last line", "NStgid:\t4711\t35", "NStgid:", 35 },
	{ "no such line", "Tgid:\t4711\n", "NStgid:", -1 },
	{ "empty line", "NStgid:\t\nNSpid:\t9\n", "NStgid:", -1 },
	{ "a blank at its end", "NStgid:\t4711\t\n", "NStgid:", -1 },
	{ "rubbish", "NStgid:\t4711\tx\n", "NStgid:", -1 },
};

static void test_innermost(void **state)
{
	const struct number *row = *state;

	assert_int_equal(process_status_innermost(row->text, row->key), row->value);
}

struct present {
	const char *name, *text;
	uint64_t value;
};

static const struct present presents[] = {
	{ "in memory", "VmRSS:\t    2076 kB\nRssAnon:\t 1 kB\nVmSwap:\t       0 kB\n",
	  2076 << 10 },
	{ "in swap, too", "VmRSS:\t1 kB\nVmSwap:\t2 kB\nHugetlbPages:\t0 kB\n", 3 << 10 },
	{ "huge pages", "VmRSS:\t1 kB\nVmSwap:\t2 kB\nHugetlbPages:\t2048 kB\n",
	  2051 << 10 },
	{ "an ended thread has none", "Name:\tx\nThreads:\t1\n", UINT64_MAX },
	{ "no swap", "VmRSS:\t1 kB\n", UINT64_MAX },
	{ "no number", "VmRSS:\tx kB\nVmSwap:\t0 kB\n", UINT64_MAX },
	{ "too much", "VmRSS:\t9223372036854775807 kB\nVmSwap:\t0 kB\n", UINT64_MAX },
	{ "empty", "", UINT64_MAX },
};

static void test_present(void **state)
{
	const struct present *row = *state;

	assert_int_equal(process_status_present(row->text), row->value);
}

#define LIMITS(core)                                                                       \
	"Limit                     Soft Limit           Hard Limit           Units     \n" \
	"Max file size             unlimited            unlimited            bytes     \n" \
	"Max data size             123                  unlimited            bytes     \n" \
	"Max core file size        " core "            bytes     \n"                       \
	"Max resident set          9                    unlimited            bytes     \n"

struct limit {
	const char *name, *text;
	int64_t value;
};

static const struct limit limits[] = {
	{ "unlimited", LIMITS("unlimited            unlimited"), INT64_MAX },
	{ "0", LIMITS("0                    unlimited"), 0 },
	{ "a number", LIMITS("1048576              2097152  "), 1048576 },
	{ "hard unlimited only", LIMITS("5                    unlimited"), 5 },
	{ "RLIM_INFINITY less one", LIMITS("18446744073709551614 unlimited"), -1 },
	{ "rubbish", LIMITS("x                    unlimited"), -1 },
	{ "no such line", "Max file size             1 1 bytes\n", -1 },
	{ "cut behind the name", "Max core file size   ", -1 },
	{ "empty", "", -1 },
};

static void test_limits(void **state)
{
	const struct limit *row = *state;

	assert_int_equal(process_limits_core(row->text), row->value);
}

struct cgroup {
	const char *name, *text;
	const char *path; /* NULL: none */
};

static const struct cgroup cgroups[] = {
	{ "unified", "0::/system.slice/nginx.service\n", "/system.slice/nginx.service" },
	{ "root", "0::/\n", "/" },
	{ "legacy", "12:pids:/user.slice\n1:name=systemd:/user.slice/session-2.scope\n",
	  "/user.slice/session-2.scope" },
	{ "hybrid", "5:cpu:/a\n1:name=systemd:/b\n0::/c\n", "/c" },
	{ "a blank in it", "0::/my slice/x\n", "/my slice/x" },
	{ "a path that looks like systemd's",
	  "5:cpu:/x:name=systemd:/evil\n1:name=systemd:/good\n", "/good" },
	{ "a path that looks like the unified one",
	  "5:cpu:/x0::/evil\n1:name=systemd:/good\n", "/good" },
	{ "ten controllers on", "10::/x\n", NULL },
	{ "others only", "5:cpu:/a\n", NULL },
	{ "no newline", "0::/x", "/x" },
	{ "empty", "", NULL },
};

static void test_cgroup(void **state)
{
	const struct cgroup *row = *state;
	_cleanup_free_ char *path = process_cgroup_path(row->text);

	if (row->path)
		assert_string_equal(path, row->path);
	else
		assert_null(path);
}

static void check_unknown(const struct process *process)
{
	assert_false(process->known || process->verified);
	assert_int_equal(process->uid, -1);
	assert_int_equal(process->gid, -1);
	assert_int_equal(process->rlimit, -1);
	assert_int_equal(process->owner_uid, -1);
	assert_int_equal(process->namespace_pid, -1);
	assert_int_equal(process->memory.mem_fd, -1);
	assert_int_equal(process->memory.pagemap_fd, -1);
	assert_int_equal(process->present, UINT64_MAX);
	assert_int_equal(process->sharing.answer, PROCESS_SHARING_UNKNOWN);
	assert_false(process->locks.known || process->robust.known);
	assert_int_equal(process->group.room, 0);
	assert_null(process->exe);
	for (int i = 0; i < PROCESS_FILES; i++)
		assert_int_equal(process->files[i].n, 0);
}

/* A process that does not dump core is not the one that crashed, pidfd or not. */
static void test_not_dumping(void **state)
{
	const int64_t pidfds[] = { ARGS_UNKNOWN, 0, 9999 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pidfds); i++) {
		const struct args args = { .pid = getpid(), .pidfd = pidfds[i] };
		struct process process;

		process_read(&args, &process);
		check_unknown(&process);
		process_done(&process);
		process_done(&process);
	}
}

static void test_no_process(void **state)
{
	const struct args args = { .pid = INT32_MAX, .pidfd = ARGS_UNKNOWN };
	struct process process;

	(void)state;
	process_read(&args, &process);
	check_unknown(&process);
	process_done(&process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_dumping),
		cmocka_unit_test(test_no_process),
	};
	int failed = RUN_TABLE(numbers, test_number);

	failed += RUN_TABLE(innermost, test_innermost);
	failed += RUN_TABLE(presents, test_present);
	failed += RUN_TABLE(limits, test_limits);
	failed += RUN_TABLE(cgroups, test_cgroup);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
