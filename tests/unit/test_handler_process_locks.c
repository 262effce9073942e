/* SPDX-License-Identifier: MIT */
/*
 * Names of mappings and locks of open files, out of texts as kernels write them and as nobody should; and those
 * of this process, which has both. Files that cannot be read are made so by --wrap.
 */
#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/temporary.h"

#include "handler/process.h"
#include "handler/process_fds.h"

#define MAPS                                                                                      \
	"559e3a000000-559e3a002000 r--p 00000000 fe:00 1179                       /usr/bin/x\n"   \
	"559e3a002000-559e3a007000 r-xp 00002000 fe:00 1179                       /usr/bin/x\n"   \
	"559e3b000000-559e3b021000 rw-p 00000000 00:00 0                          [heap]\n"       \
	"7f0000000000-7f0000021000 rw-p 00000000 00:00 0 \n"                                      \
	"7f1000000000-7f1000001000 rw-s 00000000 fe:00 77                         /var/lib/a b\n" \
	"7f2000000000-7f2000001000 rw-s 00000000 00:01 3                          "               \
	"/dev/zero (deleted)\n"                                                                   \
	"7f3000000000-7f3000001000 rw-s 10000000 00:11 65813                      "               \
	"anon_inode:[io_uring]\n"                                                                 \
	"7f4000000000-7f4000001000 r--s 00000000 fe:00 78                         "               \
	"/var/two\\012lines\n"                                                                    \
	"7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]\n"

struct mapped {
	const char *name, *maps, *link;
	bool has;
};

static const struct mapped mappeds[] = {
	{ "executable", MAPS, "/usr/bin/x", true },
	{ "a blank in it", MAPS, "/var/lib/a b", true },
	{ "deleted", MAPS, "/dev/zero (deleted)", true },
	{ "not deleted", MAPS, "/dev/zero", false },
	{ "ring", MAPS, "anon_inode:[io_uring]", true },
	{ "another kind of inode", MAPS, "anon_inode:[eventpoll]", false },
	{ "a newline in it", MAPS, "/var/two\nlines", true },
	{ "the beginning of one", MAPS, "/usr/bin/", false },
	{ "one and more", MAPS, "/usr/bin/xy", false },
	{ "not mapped", MAPS, "/usr/bin/y", false },
	{ "memory", MAPS, "[heap]", false },
	{ "nothing is mapped", "", "/usr/bin/x", false },
	{ "a line that is cut", "559e3a000000-559e3a002000 r--p 0000", "0000", false },
	{ "a last line without an end", "1-2 r--p 0 fe:00 1179   /x", "/x", true },
	{ "empty name", MAPS, "", false },
};

static void test_mapped(void **state)
{
	const struct mapped *row = *state;
	struct process_mapped mapped;

	process_mapped_read(row->maps, false, &mapped);
	assert_null(mapped.reason);
	assert_int_equal(process_mapped_has(&mapped, row->link, strlen(row->link)),
			 row->has);
	process_mapped_done(&mapped);
}

static void test_mapped_unknown(void **state)
{
	struct process_mapped mapped;

	(void)state;
	process_mapped_read(NULL, false, &mapped);
	assert_non_null(mapped.reason);
	assert_false(process_mapped_has(&mapped, "/usr/bin/x", 10));
	process_mapped_done(&mapped);
	process_mapped_read(MAPS, true, &mapped);
	assert_non_null(mapped.reason);
	assert_true(process_mapped_has(&mapped, "/usr/bin/x", 10));
	process_mapped_done(&mapped);
}

/* count mappings of as many files; the same file again and again is one. */
static void map_many(int count, bool same, struct process_mapped *ret, char **ret_text)
{
	size_t size;
	FILE *out = open_memstream(ret_text, &size);

	assert_non_null(out);
	for (int i = 0; i < count; i++)
		fprintf(out, "%x000-%x000 r--s 00000000 fe:00 9 /f/%d\n", i, i + 1,
			same ? 0 : i);
	assert_int_equal(fclose(out), 0);
	process_mapped_read(*ret_text, false, ret);
}

static void test_mapped_many(void **state)
{
	const struct {
		int count;
		bool same, known;
	} rows[] = { { 4096, false, true },
		     { 4097, false, false },
		     { 65530, true, true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct process_mapped mapped;
		char *text;

		map_many(rows[i].count, rows[i].same, &mapped, &text);
		assert_int_equal(mapped.reason == NULL, rows[i].known);
		assert_true(process_mapped_has(&mapped, "/f/0", 4));
		process_mapped_done(&mapped);
		free(text);
	}
}

#define FILE_HEAD "pos:\t0\nflags:\t0100002\nmnt_id:\t27\nino:\t77\n"
#define FLOCK	  "lock:\t1: FLOCK  ADVISORY  WRITE 3139 fe:00:11026508 0 EOF\n"
#define POSIX	  "lock:\t1: POSIX  ADVISORY  WRITE 3139 fe:00:11026509 100 104\n"
#define OFD	  "lock:\t2: OFDLCK ADVISORY  READ -1 08:1f:18446744073709551615 10 14\n"
#define LEASE	  "lock:\t1: LEASE  ACTIVE    READ 3139 00:2d:5 0 EOF\n"

struct info {
	const char *name, *text;
	bool cut, known;
	struct process_lock locks[2];
};

static const struct info infos[] = {
	{ "none", FILE_HEAD, false, true, {} },
	{ "flock", FILE_HEAD FLOCK, false, true, { { 0xfe, 0, 11026508 } } },
	{ "POSIX", FILE_HEAD POSIX, false, true, {} },
	{ "open file description",
	  FILE_HEAD OFD,
	  false,
	  true,
	  { { 8, 0x1f, UINT64_MAX } } },
	{ "lease", FILE_HEAD LEASE, false, true, { { 0, 0x2d, 5 } } },
	{ "POSIX and another",
	  FILE_HEAD POSIX OFD FLOCK,
	  false,
	  true,
	  { { 8, 0x1f, UINT64_MAX }, { 0xfe, 0, 11026508 } } },
	{ "cut behind one", FILE_HEAD FLOCK, true, false, { { 0xfe, 0, 11026508 } } },
	{ "cut behind none", FILE_HEAD, true, false, {} },
	{ "without an inode",
	  "lock:\t1: FLOCK  ADVISORY  WRITE 3139 <none>:0 0 EOF\n",
	  false,
	  false,
	  {} },
	{ "cut in a line",
	  "lock:\t1: FLOCK  ADVISORY  WRITE 3139 fe:0",
	  false,
	  false,
	  {} },
	{ "empty line", "lock:\n", false, false, {} },
	{ "no kind", "lock:\t1:\nlock:\t\n", false, false, {} },
	{ "an inode that is too large",
	  "lock:\t1: FLOCK  ADVISORY  WRITE 3139 fe:00:18446744073709551616 0 EOF\n",
	  false,
	  false,
	  {} },
	{ "a negative device",
	  "lock:\t1: FLOCK  ADVISORY  WRITE 3139 -1:00:7 0 EOF\n",
	  false,
	  false,
	  {} },
	{ "empty", "", false, true, {} },
};

static void test_info(void **state)
{
	const struct info *row = *state;
	struct process_locks locks = { .known = true };

	process_locks_add("/f", 2, row->text, row->cut, &locks);
	assert_int_equal(locks.known, row->known);
	assert_int_equal(locks.reason == NULL, row->known);
	assert_memory_equal(locks.locks, row->locks, sizeof(row->locks));
	assert_int_equal(locks.count,
			 (row->locks[0].inode > 0) + (row->locks[1].inode > 0));
}

static void test_too_many(void **state)
{
	struct process_locks locks = { .known = true };

	(void)state;
	for (int i = 0; i < PROCESS_LOCKS_MAX; i++)
		process_locks_add("/f", 2, FLOCK, false, &locks);
	assert_true(locks.known);
	process_locks_add("/f", 2, POSIX, false, &locks);
	assert_true(locks.known);
	process_locks_add("/f", 2, FLOCK, false, &locks);
	assert_false(locks.known);
	assert_int_equal(locks.count, PROCESS_LOCKS_MAX);
}

struct ring {
	const char *name, *text;
	bool registered;
};

static const struct ring rings[] = {
	{ "none", "SqMask:\t0x7\nUserFiles:\t0\nUserBufs:\t0\n", false },
	{ "two", "UserFiles:\t2\n    0: /x\n", true },
	{ "in use", "pos:\t0\nino:\t65813\n", true },
	{ "no number", "UserFiles:\t\n", true },
	{ "cut", "UserFiles:", true },
	{ "empty", "", true },
};

static void test_ring(void **state)
{
	static const char link[] = "anon_inode:[io_uring]";
	const struct ring *row = *state;
	struct process_locks locks = { .known = true };

	process_locks_add(link, sizeof(link) - 1, row->text, false, &locks);
	assert_true(locks.known);
	assert_int_equal(locks.rings, 1);
	assert_int_equal(locks.registered, row->registered);
	assert_int_equal(locks.count, 0);
}

/* Of this process, of which one name cannot be opened below fdinfo. */
static const char *unreadable;

int __real_openat64(int dirfd, const char *name, int flags, ...);
int __wrap_openat64(int dirfd, const char *name, int flags, ...);
int __wrap_openat64(int dirfd, const char *name, int flags, ...)
{
	if (unreadable && strcmp(name, unreadable) == 0) {
		errno = EACCES;
		return -1;
	}
	return __real_openat64(dirfd, name, flags, 0);
}

static void read_own(struct process_locks *ret)
{
	_cleanup_fd_ int dirfd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct blob maps = { .bytes = NULL }, fds;

	assert_int_equal(io_read_file(dirfd, "maps", 16 << 20, &maps.bytes, &maps.n), 0);
	process_fds_read(dirfd, &maps, &fds, ret);
	free(maps.bytes);
	free(fds.bytes);
}

static int open_file(const char *directory, const char *name)
{
	_cleanup_free_ char *path = temporary_path(directory, name);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 4096), 0);
	return fd;
}

/* Locked and mapped, locked alone, mapped alone. */
static void test_own(void **state)
{
	_cleanup_fd_ int both = open_file(*state, "both"),
			 locked = open_file(*state, "locked"),
			 mapped = open_file(*state, "mapped");
	void *one = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, both, 0);
	void *other = mmap(NULL, 4096, PROT_READ, MAP_SHARED, mapped, 0);
	struct process_locks locks;
	struct stat st;

	assert_true(one != MAP_FAILED && other != MAP_FAILED);
	assert_int_equal(flock(both, LOCK_EX), 0);
	assert_int_equal(flock(locked, LOCK_EX), 0);
	read_own(&locks);
	assert_true(locks.known);
	assert_int_equal(locks.count, 1);
	assert_int_equal(fstat(both, &st), 0);
	assert_int_equal(locks.locks[0].inode, st.st_ino);
	assert_int_equal(munmap(one, 4096) | munmap(other, 4096), 0);
	read_own(&locks);
	assert_true(locks.known);
	assert_int_equal(locks.count, 0);
}

/* More descriptors than have a place in the text: the last one is locked. */
static void test_own_many(void **state)
{
	struct process_locks locks;
	int fds[300], file = open_file(*state, "last");
	void *at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	assert_true(fds[ARRAY_SIZE(fds) - 1] >= 0 && at != MAP_FAILED);
	assert_true(dup2(file, 900) == 900);
	assert_int_equal(close(file), 0);
	assert_int_equal(flock(900, LOCK_SH), 0);
	read_own(&locks);
	assert_true(locks.known);
	assert_int_equal(locks.count, 1);
	assert_int_equal(close(900) | munmap(at, 4096), 0);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		assert_int_equal(close(fds[i]), 0);
}

static void test_unreadable(void **state)
{
	_cleanup_fd_ int file = open_file(*state, "file");
	void *at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
	struct process_locks locks;
	char number[16];

	(void)snprintf(number, sizeof(number), "%d", file);
	const char *const names[] = { number, "fd", "fdinfo" };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		unreadable = names[i];
		read_own(&locks);
		unreadable = NULL;
		assert_false(locks.known);
		assert_non_null(locks.reason);
	}
	assert_int_equal(munmap(at, 4096), 0);
}

/* Where the kernel has io_uring for us: mapped, without files and with one. */
static void test_own_ring(void **state)
{
	struct io_uring_params params = { .flags = 0 };
	_cleanup_fd_ int ring = (int)syscall(SYS_io_uring_setup, 4, &params);
	struct process_locks locks;
	int files[] = { STDERR_FILENO };
	void *at;

	(void)state;
	if (ring < 0) {
		assert_true(errno == ENOSYS || errno == EPERM);
		return;
	}
	read_own(&locks);
	assert_int_equal(locks.rings, 0);
	at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, ring, IORING_OFF_SQES);
	assert_true(at != MAP_FAILED);
	read_own(&locks);
	assert_true(locks.known && !locks.registered);
	assert_int_equal(locks.rings, 1);
	assert_int_equal(
		syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, files, 1), 0);
	read_own(&locks);
	assert_true(locks.known && locks.registered);
	assert_int_equal(munmap(at, 4096), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mapped_unknown),
		cmocka_unit_test(test_mapped_many),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test_setup_teardown(test_own, temporary_setup,
						temporary_teardown),
		cmocka_unit_test_setup_teardown(test_own_many, temporary_setup,
						temporary_teardown),
		cmocka_unit_test_setup_teardown(test_unreadable, temporary_setup,
						temporary_teardown),
		cmocka_unit_test(test_own_ring),
	};
	int failed = RUN_TABLE(mappeds, test_mapped);

	failed += RUN_TABLE(infos, test_info);
	failed += RUN_TABLE(rings, test_ring);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
