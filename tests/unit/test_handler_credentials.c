/* SPDX-License-Identifier: MIT */
/*
 * Ids, capabilities and what a program was started with, out of texts of /proc as kernels write
 * them and as nobody should; and the namespace of a live process.
 */
#include <elf.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "handler/credentials.h"

struct row {
	const char *name, *status;
	int64_t uid[CREDENTIALS_IDS], gid[CREDENTIALS_IDS], capable;
};

#define NO                     \
	{                      \
		-1, -1, -1, -1 \
	}
#define GID "Gid:\t5\t6\t7\t8\n"
#define GIDS               \
	{                  \
		5, 6, 7, 8 \
	}
#define CAPABLE "CapPrm:\t000001ffffffffff\n"

static const struct row rows[] = {
	{ "plain",
	  "Name:\tx\nUid:\t1\t2\t3\t4\n" GID "CapPrm:\t0000000000000000\n",
	  { 1, 2, 3, 4 },
	  GIDS,
	  0 },
	{ "root", "Uid:\t0\t0\t0\t0\n" CAPABLE, { 0, 0, 0, 0 }, NO, 1 },
	{ "one capability", "CapPrm:\t0000000000002000\n", NO, NO, 1 },
	{ "the last one", "CapPrm:\t8000000000000000\n", NO, NO, 1 },
	{ "largest",
	  "Uid:\t4294967295\t4294967295\t0\t0\n",
	  { 4294967295, 4294967295, 0, 0 },
	  NO,
	  -1 },
	{ "too large", "Uid:\t4294967296\t1\t1\t1\n", NO, NO, -1 },
	{ "negative", "Uid:\t1\t-1\t1\t1\n", { 1, -1, -1, -1 }, NO, -1 },
	{ "three", "Uid:\t1\t2\t3\n" GID, { 1, 2, 3, -1 }, GIDS, -1 },
	{ "five", "Uid:\t1\t2\t3\t4\t5\n" GID, { 1, 2, 3, 4 }, GIDS, -1 },
	{ "cut behind two", "Uid:\t1\t2", { 1, 2, -1, -1 }, NO, -1 },
	{ "cut in a tab", "Uid:\t1\t2\t", { 1, 2, -1, -1 }, NO, -1 },
	{ "empty", "", NO, NO, -1 },
	{ "no value", "Uid:\nGid:\nCapPrm:\n", NO, NO, -1 },
	{ "many digits", "Uid:\t11111111111111111111\t1\t1\t1\n", NO, NO, -1 },
	{ "capabilities are cut", "CapPrm:\t0000000000000000", NO, NO, -1 },
	{ "capabilities are no number", "CapPrm:\t0000g\n", NO, NO, -1 },
	{ "a name like a line",
	  "Name:\tUid:\\t0\\t0\\t0\\t0\nUid:\t9\t9\t9\t9\n",
	  { 9, 9, 9, 9 },
	  NO,
	  -1 },
};

static void test_status(void **state)
{
	const struct row *row = *state;
	struct credentials c;

	credentials_parse(row->status, NULL, 0, &c);
	for (size_t i = 0; i < CREDENTIALS_IDS; i++) {
		assert_int_equal(c.uid[i], row->uid[i]);
		assert_int_equal(c.gid[i], row->gid[i]);
	}
	assert_int_equal(c.capable, row->capable);
	assert_int_equal(c.secure, -1);
	assert_int_equal(c.namespace_owner, -1);
}

struct vector {
	const char *name;
	uint64_t words[24];
	size_t n; /* words, 0: up to AT_NULL's value */
	int64_t uid, euid, gid, egid, secure;
};

#define FIRST AT_SYSINFO_EHDR, 0x7ffc0000
#define IDS   AT_UID, 1, AT_EUID, 2, AT_GID, 3, AT_EGID, 4

static const struct vector vectors[] = {
	{ "plain", { FIRST, IDS, AT_SECURE, 0 }, 0, 1, 2, 3, 4, 0 },
	{ "secure", { FIRST, IDS, AT_SECURE, 1 }, 0, 1, 2, 3, 4, 1 },
	{ "secure is the first", { AT_SECURE, 1, FIRST, IDS }, 0, 1, 2, 3, 4, 1 },
	{ "behind the end",
	  { FIRST, IDS, AT_NULL, 0, AT_SECURE, 0 },
	  16,
	  1,
	  2,
	  3,
	  4,
	  -1 },
	{ "twice", { FIRST, IDS, AT_SECURE, 1, AT_SECURE, 0 }, 0, 1, 2, 3, 4, -1 },
	{ "thrice", { FIRST, AT_UID, 0, AT_UID, 0, AT_UID, 7 }, 0, -1, -1, -1, -1, -1 },
	{ "largest id", { FIRST, AT_UID, 0xffffffff }, 0, 0xffffffff, -1, -1, -1, -1 },
	{ "cut before a value", { FIRST, IDS, AT_SECURE }, 11, 1, 2, 3, 4, -1 },
	{ "no end", { FIRST, IDS, AT_SECURE, 0 }, 12, 1, 2, 3, 4, 0 },
	{ "one pair", { FIRST }, 2, -1, -1, -1, -1, -1 },
};

static void check_vector(const struct vector *v, const void *bytes, size_t n)
{
	struct credentials c;

	credentials_parse("", bytes, n, &c);
	assert_int_equal(c.started_uid, v->uid);
	assert_int_equal(c.started_euid, v->euid);
	assert_int_equal(c.started_gid, v->gid);
	assert_int_equal(c.started_egid, v->egid);
	assert_int_equal(c.secure, v->secure);
}

/* As a 64-bit process has it, and a 32-bit one; from an odd address, whole and with a rest. */
static void test_auxv(void **state)
{
	const struct vector *v = *state;
	size_t n = v->n ? v->n : ARRAY_SIZE(v->words);
	char wide[1 + sizeof(v->words) + 3], narrow[1 + sizeof(v->words) + 3];

	memset(wide, 0xff, sizeof(wide));
	memset(narrow, 0xff, sizeof(narrow));
	for (size_t i = 0; i < n; i++) {
		uint32_t word = (uint32_t)v->words[i];

		memcpy(wide + 1 + i * 8, &v->words[i], 8);
		memcpy(narrow + 1 + i * 4, &word, 4);
	}
	check_vector(v, wide + 1, n * 8);
	check_vector(v, wide + 1, n * 8 + 3);
	if (n < 4) /* less than the kernel ever writes */
		return;
	check_vector(v, narrow + 1, n * 4);
	check_vector(v, narrow + 1, n * 4 + 3);
}

/* An id beyond 32 bits is none, in the one form that can hold it. */
static void test_too_large(void **state)
{
	static const uint64_t words[] = { FIRST, AT_UID, UINT64_C(1) << 32, AT_SECURE,
					  1 };
	struct credentials c;

	(void)state;
	credentials_parse("", (const char *)words, sizeof(words), &c);
	assert_int_equal(c.started_uid, -1);
	assert_int_equal(c.secure, 1);
}

static void test_short(void **state)
{
	char bytes[16] = { AT_SECURE };
	struct credentials c;

	(void)state;
	for (size_t n = 0; n < sizeof(bytes); n++) {
		credentials_parse("", bytes, n, &c);
		assert_int_equal(c.secure, -1);
	}
}

static void look(int dirfd, struct credentials *ret)
{
	credentials_init(ret);
	credentials_read_namespaces(dirfd, ret);
}

static void test_namespace(void **state)
{
	_cleanup_fd_ int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_fd_ int other = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const int unknown[] = { other, -1 };
	struct credentials c;

	(void)state;
	look(self, &c);
	assert_int_equal(c.namespace_owner, CREDENTIALS_OURS);
	assert_int_equal(c.pid_namespace_owner, CREDENTIALS_OURS);
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		look(unknown[i], &c);
		assert_int_equal(c.namespace_owner, CREDENTIALS_UNKNOWN);
		assert_int_equal(c.pid_namespace_owner, CREDENTIALS_UNKNOWN);
	}
}

/* Namespaces of a child's own, of which it is root: a user namespace and a PID namespace, or the latter alone. */
static void look_at_child(int flags, struct credentials *ret)
{
	_cleanup_fd_ int dirfd = -1;
	int ready[2];
	char path[32], byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0) {
		(void)!write(ready[1], "", 1);
		for (;;)
			(void)pause();
	}
	close(ready[1]);
	if (pid < 0 || read(ready[0], &byte, 1) != 1)
		skip(); /* not allowed here */
	close(ready[0]);
	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	dirfd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	look(dirfd, ret);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_other_namespaces(void **state)
{
	struct credentials c;

	(void)state;
	look_at_child(CLONE_NEWUSER | CLONE_NEWPID, &c);
	assert_int_equal(c.namespace_owner, geteuid());
	assert_int_equal(c.pid_namespace_owner, geteuid());
	look_at_child(CLONE_NEWUSER, &c);
	assert_int_equal(c.namespace_owner, geteuid());
	assert_int_equal(c.pid_namespace_owner, CREDENTIALS_OURS);
	if (geteuid() != 0)
		return;
	look_at_child(CLONE_NEWPID, &c);
	assert_int_equal(c.namespace_owner, CREDENTIALS_OURS);
	assert_int_equal(c.pid_namespace_owner, 0);
}

struct mapped {
	const char *name, *map;
	int64_t id, outside;
};

#define ROOTLESS                             \
	"         0       1000          1\n" \
	"         1     100000      65536\n"

static const struct mapped maps[] = {
	{ "root", ROOTLESS, 0, 1000 },
	{ "first of the second line", ROOTLESS, 1, 100000 },
	{ "last", ROOTLESS, 65536, 165535 },
	{ "beyond", ROOTLESS, 65537, -1 },
	{ "all", "0 0 4294967295\n", 4294967294, 4294967294 },
	{ "none", "", 0, -1 },
	{ "itself", "1000 1000 1", 1000, 1000 },
	{ "no id", ROOTLESS, -1, -1 },
	{ "too large outside", "0 4294967295 1\n", 0, -1 },
	{ "two columns", "0 1000\n", 0, -1 },
	{ "two columns, a line behind", "0 1000\n0 1 2\n", 0, -1 },
	{ "rubbish", "x y z\n0 1000 1\n", 0, -1 },
};

static void test_map(void **state)
{
	const struct mapped *row = *state;

	assert_int_equal(credentials_map_id(row->map, row->id), row->outside);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_namespace),
		cmocka_unit_test(test_other_namespaces),
	};
	int failed = RUN_TABLE(rows, test_status);

	failed += RUN_TABLE(vectors, test_auxv);
	failed += RUN_TABLE(maps, test_map);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
