/* SPDX-License-Identifier: MIT */
/*
 * Where a process' memory control group is, out of texts of machines with v1, v2 and both; and how much room it
 * has, out of directories that are no control groups, but have their files.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/temporary.h"

#include "handler/process_memory_group.h"

struct find {
	const char *name, *text;
	bool v2;
	const char *path; /* NULL: no controller */
};

static const struct find finds[] = {
	{ "unified", "0::/system.slice/nginx.service\n", true,
	  "/system.slice/nginx.service" },
	{ "unified root", "0::/\n", true, "/" },
	{ "v1",
	  "9:name=systemd:/a\n5:devices:/b\n4:memory:/system.slice/x.service\n1:cpu:/\n",
	  false, "/system.slice/x.service" },
	{ "v1 with its neighbours", "4:cpu,memory,pids:/a\n", false, "/a" },
	{ "hybrid: the controller is v1's", "4:memory:/a\n0::/b\n", false, "/a" },
	{ "hybrid, the other way round", "0::/b\n4:memory:/a\n", false, "/a" },
	{ "hybrid without it in v1", "5:cpu:/a\n1:name=systemd:/c\n0::/b\n", true, "/b" },
	{ "switched off", "5:cpu:/a\n1:name=systemd:/c\n", false, NULL },
	{ "a controller of another name", "4:memory_recursiveprot:/a\n4:xmemory:/b\n",
	  false, NULL },
	{ "a named hierarchy of its name", "4:name=memory:/a\n", false, NULL },
	{ "colons in a path", "0::/a:memory:/b\n", true, "/a:memory:/b" },
	{ "a path like a line", "5:cpu:/x4:memory:/evil\n0::/good\n", true, "/good" },
	{ "ten controllers on", "10::/x\n", false, NULL },
	{ "no newline", "0::/x", true, "/x" },
	{ "cut in the line", "0:", false, NULL },
	{ "cut before the path", "4:memory", false, NULL },
	{ "empty path", "0::\n", true, "" },
	{ "rubbish", "\n\n:\n::\nx", false, NULL },
	{ "empty", "", false, NULL },
};

static void test_find(void **state)
{
	const struct find *row = *state;
	struct process_group_place place;

	process_group_find(row->text, &place);
	assert_int_equal(place.path != NULL, row->path != NULL);
	if (!row->path)
		return;
	assert_int_equal(place.v2, row->v2);
	assert_int_equal(place.n, strlen(row->path));
	assert_memory_equal(place.path, row->path, place.n);
}

#define V1(root, point)                                                              \
	"35 31 0:32 " root " " point " rw,nosuid,nodev,noexec,relatime shared:14 - " \
	"cgroup cgroup rw,memory\n"
#define V2(root, point)                                                             \
	"26 23 0:24 " root " " point " rw,nosuid,nodev,noexec,relatime shared:4 - " \
	"cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"

struct mount {
	const char *name, *line;
	bool v2;
	const char *path;
	const char *point, *below; /* NULL: it is not that */
};

static const struct mount mounts[] = {
	{ "v2", V2("/", "/sys/fs/cgroup"), true, "/a/b", "/sys/fs/cgroup", "a/b" },
	{ "v2, root group", V2("/", "/sys/fs/cgroup"), true, "/", "/sys/fs/cgroup", "" },
	{ "v2 is not v1", V2("/", "/sys/fs/cgroup"), false, "/a", NULL, NULL },
	{ "v1", V1("/", "/sys/fs/cgroup/memory"), false, "/a", "/sys/fs/cgroup/memory",
	  "a" },
	{ "v1 is not v2", V1("/", "/sys/fs/cgroup/memory"), true, "/a", NULL, NULL },
	{ "v1, here",
	  "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n",
	  false, "/process_api/49384a7d", "/sys/fs/cgroup/memory",
	  "process_api/49384a7d" },
	{ "another controller",
	  "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n", false,
	  "/a", NULL, NULL },
	{ "several", "32 31 0:29 / /cg rw - cgroup none rw,cpu,memory,pids\n", false,
	  "/a", "/cg", "a" },
	{ "a part of it, which hides who is above", V2("/a", "/cg"), true, "/a/b/c", NULL,
	  NULL },
	{ "a part, the very group", V2("/a/b", "/cg"), true, "/a/b", NULL, NULL },
	{ "a part of v1", V1("/a", "/cg"), false, "/a/b", NULL, NULL },
	{ "another part", V2("/a/b", "/cg"), true, "/a/bc", NULL, NULL },
	{ "a part below", V2("/a/b", "/cg"), true, "/a", NULL, NULL },
	{ "outside of a namespace", V2("/../../x", "/cg"), true, "/a", NULL, NULL },
	{ "blanks", V2("/", "/a\\040b\\134c"), true, "/my slice/x", "/a b\\c",
	  "my slice/x" },
	{ "two optional fields", "1 2 0:3 / /cg rw shared:1 master:2 - cgroup2 x rw\n",
	  true, "/a", "/cg", "a" },
	{ "a mount point that is a dash", "1 2 0:3 / - rw - cgroup2 x rw\n", true, "/a",
	  "-", "a" },
	{ "a source with its name", "1 2 0:3 / /x rw - tmpfs cgroup2 rw,memory\n", true,
	  "/a", NULL, NULL },
	{ "cut", "1 2 0:3 / /cg rw shared:1 - cgroup2", true, "/a", NULL, NULL },
	{ "no dash", "1 2 0:3 / /cg rw shared:1 cgroup2 x rw", true, "/a", NULL, NULL },
	{ "empty", "", true, "/a", NULL, NULL },
};

static void test_mount(void **state)
{
	const struct mount *row = *state;
	const struct process_group_place place = { row->v2, row->path,
						   strlen(row->path) };
	_cleanup_free_ char *point = NULL;
	_cleanup_free_ char *below = NULL;

	assert_int_equal(process_group_mount(row->line, &place, &point, &below),
			 row->point != NULL);
	if (!row->point)
		return;
	assert_string_equal(point, row->point);
	assert_string_equal(below, row->below);
}

struct file {
	const char *path, *text; /* text NULL: a directory */
};

/* Files as kernels write them, of two levels and the mount. */
struct room {
	const char *name;
	bool v2;
	const char *below;
	uint64_t enough, room;
	bool unread;
	struct file files[12];
};

#define M	    (UINT64_C(1) << 20)
#define NO_LIMIT_V1 "9223372036854771712\n"
#define STAT(v1, v2) \
	"cache 1\ninactive_file " v1 "\nactive_file 7\ntotal_inactive_file " v2 "\n"

static const struct room rooms[] = {
	{ "v2, root group",
	  true,
	  "",
	  M,
	  UINT64_MAX,
	  false,
	  { { "cgroup.procs", "1\n" } } },
	{ "v2, no controller", true, "a", M, UINT64_MAX, false, { { "a", NULL } } },
	{ "v2, no limit",
	  true,
	  "a",
	  M,
	  UINT64_MAX,
	  false,
	  { { "a", NULL },
	    { "a/memory.max", "max\n" },
	    { "a/memory.high", "max\n" },
	    { "a/memory.current", "4096\n" } } },
	{ "v2, limit",
	  true,
	  "a",
	  100 * M,
	  6 * M,
	  false,
	  { { "a", NULL },
	    { "a/memory.max", "10485760\n" },
	    { "a/memory.high", "max\n" },
	    { "a/memory.current", "6291456\n" },
	    { "a/memory.stat", STAT("2097152", "77777777") } } },
	{ "v2, high is lower",
	  true,
	  "a",
	  100 * M,
	  1 * M,
	  false,
	  { { "a", NULL },
	    { "a/memory.max", "10485760\n" },
	    { "a/memory.high", "7340032\n" },
	    { "a/memory.current", "6291456\n" },
	    { "a/memory.stat", "anon 5\n" } } },
	{ "v2, much beyond what is enough",
	  true,
	  "a",
	  M,
	  4 * M,
	  false,
	  { { "a", NULL },
	    { "a/memory.max", "10485760\n" },
	    { "a/memory.high", "max\n" },
	    { "a/memory.current", "6291456\n" },
	    { "a/memory.stat", STAT("2097152", "0") } } },
	{ "v2, one above has less",
	  true,
	  "a/b",
	  100 * M,
	  2 * M,
	  false,
	  { { "a", NULL },
	    { "a/b", NULL },
	    { "a/b/memory.max", "10485760\n" },
	    { "a/b/memory.high", "max\n" },
	    { "a/b/memory.current", "0\n" },
	    { "a/b/memory.stat", "inactive_file 0\n" },
	    { "a/memory.max", "4194304\n" },
	    { "a/memory.high", "max\n" },
	    { "a/memory.current", "2097152\n" },
	    { "a/memory.stat", "inactive_file 0\n" } } },
	{ "v2, beyond its limit",
	  true,
	  "a",
	  M,
	  0,
	  false,
	  { { "a", NULL },
	    { "a/memory.max", "4096\n" },
	    { "a/memory.high", "0\n" },
	    { "a/memory.current", "8192\n" },
	    { "a/memory.stat", "inactive_file 4096\n" } } },
	{ "v2, more inactive than used",
	  true,
	  "a",
	  M,
	  8192,
	  false,
	  { { "a", NULL },
	    { "a/memory.max", "8192\n" },
	    { "a/memory.current", "4096\n" },
	    { "a/memory.stat", "inactive_file 99999\n" } } },
	{ "v2, no usage",
	  true,
	  "a",
	  M,
	  0,
	  true,
	  { { "a", NULL }, { "a/memory.max", "8192\n" } } },
	{ "v2, no number",
	  true,
	  "a",
	  M,
	  0,
	  true,
	  { { "a", NULL }, { "a/memory.max", "none\n" } } },
	{ "v2, empty", true, "a", M, 0, true, { { "a", NULL }, { "a/memory.max", "" } } },
	{ "v2, the group is gone", true, "a/b", M, 0, true, { { "a", NULL } } },
	{ "v1, no limit",
	  false,
	  "a",
	  M,
	  UINT64_MAX,
	  false,
	  { { "a", NULL },
	    { "a/memory.limit_in_bytes", NO_LIMIT_V1 },
	    { "a/memory.usage_in_bytes", "4096\n" },
	    { "memory.limit_in_bytes", NO_LIMIT_V1 } } },
	{ "v1, limit",
	  false,
	  "a",
	  100 * M,
	  6 * M,
	  false,
	  { { "a", NULL },
	    { "a/memory.limit_in_bytes", "10485760\n" },
	    { "a/memory.usage_in_bytes", "6291456\n" },
	    { "a/memory.max", "1\n" },
	    { "a/memory.stat", STAT("1", "2097152") },
	    { "memory.limit_in_bytes", NO_LIMIT_V1 } } },
	{ "v1, one above",
	  false,
	  "a/b",
	  100 * M,
	  3 * M,
	  false,
	  { { "a", NULL },
	    { "a/b", NULL },
	    { "a/b/memory.limit_in_bytes", NO_LIMIT_V1 },
	    { "a/memory.limit_in_bytes", "4194304\n" },
	    { "a/memory.usage_in_bytes", "1048576\n" },
	    { "a/memory.stat", "total_inactive_file 0\n" },
	    { "memory.limit_in_bytes", NO_LIMIT_V1 } } },
	{ "upwards", true, "a/../..", M, 0, true, { { "a", NULL } } },
	{ "from the root", true, "/etc", M, 0, true, { { "a", NULL } } },
	{ "a link", true, "link", M, 0, true, { { "link", "->/proc/self" } } },
	{ "a link to another group",
	  true,
	  "link",
	  M,
	  0,
	  true,
	  { { "a", NULL }, { "link", "->a" } } },
	{ "a file that is a link",
	  true,
	  "a",
	  M,
	  0,
	  true,
	  { { "a", NULL },
	    { "a/memory.max", "->/proc/sys/kernel/pid_max" },
	    { "a/memory.current", "0" } } },
};

static void make_files(const char *directory, const struct room *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(row->files) && row->files[i].path; i++) {
		const struct file *file = &row->files[i];
		_cleanup_free_ char *path = temporary_path(directory, file->path);

		if (!file->text)
			temporary_mkdir(directory, file->path);
		else if (strncmp(file->text, "->", 2) == 0)
			assert_int_equal(symlink(file->text + 2, path), 0);
		else
			temporary_text(directory, file->path, file->text);
	}
}

static void test_room(void **state)
{
	const struct room *row = *state;
	void *directory = NULL;
	struct process_memory_group group;
	_cleanup_fd_ int mount = -1;

	assert_int_equal(temporary_setup(&directory), 0);
	make_files(directory, row);
	mount = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(mount >= 0);
	process_group_room(mount, row->below, row->v2, row->enough, &group);
	assert_int_equal(temporary_teardown(&directory), 0);
	assert_int_equal(group.room, row->room);
	assert_int_equal(group.reason != NULL, row->unread);
}

struct refused {
	const char *name, *cgroup;
	uint64_t room;
};

static const struct refused refuseds[] = {
	{ "unreadable", NULL, 0 },
	{ "no controller", "5:cpu:/a\n", UINT64_MAX },
	{ "outside of our namespace", "0::/../x\n4:memory:/../x\n", 0 },
	{ "up at the end", "4:memory:/x/..\n", 0 },
	{ "gone", "0::/x (deleted)\n", 0 },
	{ "no path", "4:memory:\n", 0 },
	{ "no such group", "4:memory:/dumpd-no-such-group\n", 0 },
	{ "no such group, v2", "0::/dumpd-no-such-group\n", 0 },
};

static void test_refused(void **state)
{
	const struct refused *row = *state;
	struct process_memory_group group;

	process_memory_group_read(row->cgroup, M, &group);
	assert_int_equal(group.room, row->room);
	assert_int_equal(group.reason == NULL, row->room > 0);
}

/* Deeper than anybody has them, and a path that is too long. */
static void test_deep(void **state)
{
	_cleanup_fd_ int mount = open(*state, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct process_memory_group group;
	char path[2 * 70 + 1] = "", longer[PATH_MAX + 2];

	for (int i = 0; i < 70; i++) {
		strcat(path, i ? "/a" : "a");
		temporary_mkdir(*state, path);
	}
	process_group_room(mount, path, true, M, &group);
	assert_int_equal(group.room, 0);
	assert_non_null(group.reason);
	path[2 * 60 - 1] = '\0';
	process_group_room(mount, path, true, M, &group);
	assert_int_equal(group.room, UINT64_MAX);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	process_group_room(mount, longer, true, M, &group);
	assert_int_equal(group.room, 0);
}

static void test_enough(void **state)
{
	(void)state;
	assert_int_equal(process_memory_group_enough(0), 0);
	assert_int_equal(process_memory_group_enough(1000), 1100);
	assert_int_equal(process_memory_group_enough(UINT64_MAX), UINT64_MAX);
	assert_int_equal(process_memory_group_enough(UINT64_MAX - 10), UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_deep, temporary_setup,
						temporary_teardown),
		cmocka_unit_test(test_enough),
	};
	int failed = RUN_TABLE(finds, test_find);

	failed += RUN_TABLE(mounts, test_mount);
	failed += RUN_TABLE(rooms, test_room);
	failed += RUN_TABLE(refuseds, test_refused);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
