/* SPDX-License-Identifier: MIT */
/*
 * What mappings refer to, by lines of /proc/PID/maps: as kernels write them, and as nobody should.
 */
#include <stdio.h>

#include "tests/unit/table.h"

#include "handler/capture_mappings.h"

#define LINE(flags, device, name) \
	"7f0000000000-7f0000002000 " flags " 00000000 " device "      " name

struct row {
	const char *name;
	const char *line;
	enum mapping_kind kind; /* MAPPING_KINDS: it is passed over */
	bool shared;
};

static const struct row rows[] = {
	{ "private memory", LINE("rw-p", "00:00 0", ""), MAPPING_KINDS, false },
	{ "the heap", LINE("rw-p", "00:00 0", "[heap]"), MAPPING_KINDS, false },
	{ "the vdso", LINE("r-xp", "00:00 0", "[vdso]"), MAPPING_KINDS, false },
	{ "vsyscall",
	  "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0    [vsyscall]",
	  MAPPING_KINDS, false },
	{ "a library", LINE("r--p", "fd:01 1835", "/usr/lib/libc.so.6"), MAPPING_FILE,
	  false },
	{ "gconv's cache", LINE("r--s", "fd:01 99", "/usr/lib/gconv/gconv-modules.cache"),
	  MAPPING_FILE, true },
	{ "hsperfdata", LINE("rw-s", "fd:01 7", "/tmp/hsperfdata_root/12"), MAPPING_FILE,
	  true },
	{ "shared memory without a name", LINE("rw-s", "00:01 7", "/dev/zero (deleted)"),
	  MAPPING_FILE, true },
	{ "a private copy of /dev/zero", LINE("rw-p", "00:06 4", "/dev/zero"),
	  MAPPING_FILE, false },
	{ "shared memory that was named", LINE("rw-s", "00:01 7", "[anon_shmem:pool]"),
	  MAPPING_FILE, true },
	{ "POSIX shared memory", LINE("rw-s", "00:19 7", "/dev/shm/PostgreSQL.1"),
	  MAPPING_FILE, true },
	{ "memfd", LINE("rw-s", "00:01 1031", "/memfd:x (deleted)"), MAPPING_FILE, true },
	{ "System V", LINE("rw-s", "00:01 3", "/SYSV0052e2c1 (deleted)"), MAPPING_SYSV,
	  true },
	{ "native AIO", LINE("rw-s", "00:0b 1031", "/[aio] (deleted)"), MAPPING_AIO,
	  true },
	{ "a graphics card", LINE("rw-s", "00:06 400", "/dev/dri/card0"), MAPPING_DEVICE,
	  true },
	{ "a device, privately", LINE("rw-p", "00:06 400", "/dev/vfio/7"), MAPPING_DEVICE,
	  false },
	{ "a PCI device", LINE("rw-s", "00:15 400", "/sys/devices/pci0/resource0"),
	  MAPPING_DEVICE, true },
	{ "a buffer of a driver", LINE("rw-s", "00:01 4", "/drm mm object (deleted)"),
	  MAPPING_DEVICE, true },
	{ "a packet socket", LINE("rw-s", "00:08 4711", "socket:[4711]"), MAPPING_SOCKET,
	  true },
	{ "io_uring", LINE("rw-s", "00:0f 1061", "anon_inode:[io_uring]"),
	  MAPPING_IO_URING, true },
	{ "perf", LINE("rw-s", "00:0f 1061", "anon_inode:[perf_event]"),
	  MAPPING_ANON_INODE, true },
	{ "KVM", LINE("rw-s", "00:0f 1061", "anon_inode:kvm-vcpu:0"), MAPPING_ANON_INODE,
	  true },
	{ "another name", LINE("rw-s", "00:0f 1061", "pipe:[7]"), MAPPING_UNKNOWN, true },
	{ "shared, of nothing", LINE("rw-s", "00:00 0", ""), MAPPING_UNKNOWN, true },
	{ "blanks in a name", LINE("r--p", "fd:01 7", "/a b (deleted)"), MAPPING_FILE,
	  false },
	{ "no numbers", "x-y rw-p 00000000 00:00 0 ", MAPPING_UNKNOWN, true },
	{ "cut", "7f0000000000-7f0000002000 rw-p 000", MAPPING_UNKNOWN, true },
	{ "cut in the flags", "7f0000000000-7f0000002000 rw", MAPPING_UNKNOWN, true },
	{ "no device", "1000-2000 rw-p 00000000 00 7 /a", MAPPING_UNKNOWN, true },
	{ "a large inode", LINE("r--p", "fd:01 18446744073709551616", "/a"),
	  MAPPING_UNKNOWN, true },
	{ "nothing in it", "1000-1000 rw-p 00000000 fd:01 7 /a", MAPPING_UNKNOWN, true },
	{ "empty", "", MAPPING_UNKNOWN, true },
};

/* Between two others, which are found whatever it is. */
static void test_row(void **state)
{
	static const char other[] = "1000-2000 r--p 00000000 fd:01 7 /other";
	const struct row *row = *state;
	struct capture_mapping mapping;
	char text[512];
	int n = snprintf(text, sizeof(text), "%s\n%s\n%s\n", other, row->line, other);
	const struct bytes b = { (const uint8_t *)text, (size_t)n };
	size_t at = 0;

	assert_true(capture_mapping_next(b, &at, &mapping));
	assert_int_equal(mapping.start, 0x1000);
	if (row->kind != MAPPING_KINDS) {
		assert_true(capture_mapping_next(b, &at, &mapping));
		assert_int_equal(mapping.kind, row->kind);
		assert_int_equal(mapping.shared, row->shared);
	}
	assert_true(capture_mapping_next(b, &at, &mapping));
	assert_int_equal(mapping.kind, MAPPING_FILE);
	assert_int_equal(mapping.start, 0x1000);
	assert_false(capture_mapping_next(b, &at, &mapping));
}

/* All of a line, and without the last newline. */
static void test_members(void **state)
{
	static const char line[] =
		"7f1c2a400000-7f1c2a428000 rw-s 0001c000 103:fd 1835 /srv/data.mdb";
	struct capture_mapping mapping;
	size_t at = 0;

	(void)state;
	assert_true(capture_mapping_next(
		(struct bytes){ (const uint8_t *)line, sizeof(line) - 1 }, &at,
		&mapping));
	assert_int_equal(mapping.start, 0x7f1c2a400000);
	assert_int_equal(mapping.end, 0x7f1c2a428000);
	assert_int_equal(mapping.major, 0x103);
	assert_int_equal(mapping.minor, 0xfd);
	assert_int_equal(mapping.inode, 1835);
	assert_false(capture_mapping_next(
		(struct bytes){ (const uint8_t *)line, sizeof(line) - 1 }, &at,
		&mapping));
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_members) };

	return RUN_TABLE(rows, test_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
