/* SPDX-License-Identifier: MIT */
/*
 * Which domain a worker asks for, by the label that it has. That one is got is a matter for make vmtest.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "handler/isolate_domain.h"

#define SELINUX	 "system_u:system_r:dumpd_t:s0"
#define APPARMOR "stack dumpd-worker"
#define A64	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A16	 "aaaaaaaaaaaaaaaa"
#define A32	 A16 A16
#define A256	 A64 A64 A64 A64

struct row {
	const char *name, *label;
	size_t n; /* 0: of the text, without its zero */
	const char *change; /* NULL: none */
};

static const struct row labels[] = {
	{ "SELinux", SELINUX, 0, "system_u:system_r:dumpd_worker_t:s0" },
	{ "with a zero at its end, as the kernel gives it", SELINUX, sizeof(SELINUX),
	  "system_u:system_r:dumpd_worker_t:s0" },
	{ "with a range", "system_u:system_r:dumpd_t:s0-s15:c0.c1023", 0,
	  "system_u:system_r:dumpd_worker_t:s0-s15:c0.c1023" },
	{ "a policy without levels", "system_u:system_r:dumpd_t", 0,
	  "system_u:system_r:dumpd_worker_t" },
	{ "another user and role", "root:sysadm_r:dumpd_t:s0", 0,
	  "root:sysadm_r:dumpd_worker_t:s0" },
	{ "the kernel's domain: there is no policy for dumpd",
	  "system_u:system_r:kernel_t:s0", 0, NULL },
	{ "an administrator's", "unconfined_u:unconfined_r:unconfined_t:s0", 0, NULL },
	{ "the worker's own", "system_u:system_r:dumpd_worker_t:s0", 0, NULL },
	{ "a longer type", "system_u:system_r:dumpd_tt:s0", 0, NULL },
	{ "a shorter type", "system_u:system_r:dumpd_:s0", 0, NULL },
	{ "as role", "system_u:dumpd_t:kernel_t:s0", 0, NULL },
	{ "as level", "system_u:system_r:kernel_t:dumpd_t", 0, NULL },
	{ "two parts", "system_u:dumpd_t", 0, NULL },
	{ "as long as fits", A256 A256 A64 ":" A64 ":dumpd_t", 0,
	  A256 A256 A64 ":" A64 ":dumpd_worker_t" },
	{ "too long with the other type",
	  A256 A256 A256 A64 A64 A64 ":a:dumpd_t:" A32 A16, 0, NULL },
	{ "too long", A256 A256 A256 A256, 0, NULL },

	{ "AppArmor", "dumpd (enforce)\n", 0, APPARMOR },
	{ "in complain mode", "dumpd (complain)\n", 0, APPARMOR },
	{ "without a newline", "dumpd (enforce)", 0, APPARMOR },
	{ "unconfined", "unconfined\n", 0, NULL },
	{ "the worker's own profile", "dumpd//&dumpd-worker (enforce)\n", 0, NULL },
	{ "another profile", "dumpd-worker (enforce)\n", 0, NULL },
	{ "one that begins like it", "dumpd2 (enforce)\n", 0, NULL },
	{ "no mode", "dumpd\n", 0, NULL },

	{ "Smack", "_", 0, NULL },
	{ "nothing", "", 0, NULL },
	{ "zeros", "\0\0\0\0", 4, NULL },
};

static void test_label(void **state)
{
	const struct row *row = *state;
	char change[ISOLATE_DOMAIN_MAX];
	size_t n = isolate_domain_change(row->label, row->n ? row->n : strlen(row->label),
					 change);

	assert_int_equal(n, row->change ? strlen(row->change) : 0);
	if (row->change)
		assert_memory_equal(change, row->change, n);
}

static int make_file(void)
{
	char path[] = "/tmp/dumpd-test-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	return fd;
}

static void test_written(void **state)
{
	struct isolate_domain domain = { .n = 5, .change = "label and more" };
	_cleanup_fd_ int fd = make_file();
	char text[16];

	(void)state;
	domain.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	assert_true(domain.fd >= 0);
	assert_int_equal(lseek(fd, 7, SEEK_SET), 7); /* the label was read from it */
	assert_int_equal(isolate_domain_enter(&domain), 0);
	assert_int_equal(domain.fd, -1);
	assert_int_equal(pread(fd, text, sizeof(text), 0), 5);
	assert_memory_equal(text, "label", 5);
}

/* As a policy that knows no such domain does: the descriptor goes in any case. */
static void test_refused(void **state)
{
	struct isolate_domain domain = { .n = 5, .change = "label" };
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	domain.fd = fd;
	assert_int_equal(isolate_domain_enter(&domain), -EBADF);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	domain = (struct isolate_domain){ .fd = -1, .error = -EACCES };
	assert_int_equal(isolate_domain_enter(&domain), -EACCES);
	domain = (struct isolate_domain){ .fd = -1 };
	assert_int_equal(isolate_domain_enter(&domain), 0);
}

/* A test is none of the handler's processes: whatever labels there are here, it has nothing to ask for. */
static void test_not_ours(void **state)
{
	struct isolate_domain domain;

	(void)state;
	isolate_domain_open(16, &domain);
	assert_int_equal(domain.fd, -1);
	assert_int_equal(domain.n, 0);
	assert_int_equal(isolate_domain_enter(&domain), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_not_ours),
	};
	int failed = RUN_TABLE(labels, test_label);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
