/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/io.h"
#include "dumpctl/debug_data.h"
#include "dumpctl/debug_file.h"

/* Room for dumpctl's own /proc/self/maps, some 60 lines. */
#define MAPS_SIZE 65536

/*
 * A page that was written through a mapping can be written again without a trace, until the kernel has written it to
 * disk: 35 s after the first time at most, as vm.dirty_expire_centisecs and vm.dirty_writeback_centisecs are by
 * default. In µs, with some more for the disk.
 */
#define SETTLED INT64_C(60000000)

/*
 * f_type of file systems where ctime is no witness. In memory a write through a mapping leaves it alone; an overlay
 * may have its files there, and does not say so; over a network, writes come late or from elsewhere, and times are
 * those of another clock. Not all are in every linux/magic.h.
 */
static const uint32_t untold[] = {
	0x01021994, /* tmpfs, and memfd and shared memory */
	0x858458f6, /* ramfs */
	0x958458f6, /* hugetlbfs */
	0x794c7630, /* overlayfs */
	0x65735546, /* FUSE, and virtiofs */
	0x01021997, /* 9p */
	0x6969, /* NFS */
	0x517b, /* SMB */
	0xff534d42, /* CIFS */
	0xfe534d42, /* SMB 2 and later */
	0x00c36400, /* Ceph */
	0x5346414f, /* AFS of OpenAFS */
	0x6b414653, /* AFS of the kernel */
};

static bool tells_of_changes(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(untold); i++) {
		if ((uint32_t)fs.f_type == untold[i])
			return false;
	}
	return true;
}

static bool find(struct bytes text, uint64_t address, struct capture_mapping *ret)
{
	struct capture_mapping mapping;
	size_t at = 0;

	while (capture_mapping_next(text, &at, &mapping)) {
		if (address < mapping.start || address >= mapping.end)
			continue;
		*ret = mapping;
		return mapping.inode != 0;
	}
	return false;
}

bool debug_data_recorded(const struct record *record, uint64_t address,
			 struct capture_mapping *ret)
{
	const char *text = record->data_files ? record->data_files : "";

	return find((struct bytes){ (const uint8_t *)text, strlen(text) }, address, ret);
}

/* The mapping at an address of this process. */
static bool find_own(uint64_t address, struct capture_mapping *ret)
{
	_cleanup_free_ char *text = NULL;
	size_t n;

	if (io_read_file(AT_FDCWD, "/proc/self/maps", MAPS_SIZE, &text, &n) < 0)
		return false;
	return find((struct bytes){ (const uint8_t *)text, n }, address, ret);
}

/*
 * What stat(2) says of device and inode is not what /proc/PID/maps has on btrfs and overlayfs: so the file is mapped
 * here, without a look at its content, and the same kernel asked in the same way.
 */
static bool is_recorded(int fd, const struct capture_mapping *recorded)
{
	struct capture_mapping own;
	void *p = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE, fd, 0);
	bool known;

	if (p == MAP_FAILED)
		return false;
	known = find_own((uintptr_t)p, &own);
	(void)munmap(p, 1); /* it was just mapped */
	return known && own.inode == recorded->inode && own.major == recorded->major &&
	       own.minor == recorded->minor;
}

static bool is_settled(int fd, int64_t time)
{
	struct stat st;
	int64_t usec, settled;

	return fstat(fd, &st) == 0 &&
	       !__builtin_mul_overflow((int64_t)st.st_ctim.tv_sec, 1000000, &usec) &&
	       !__builtin_add_overflow(usec, st.st_ctim.tv_nsec / 1000 + SETTLED,
				       &settled) &&
	       settled < time;
}

enum debug_data debug_data_judge(const char *root, const char *path,
				 const struct capture_mapping *recorded, int64_t time,
				 char **ret_path)
{
	_cleanup_free_ char *where = NULL;
	_cleanup_fd_ int fd = debug_file_open(root, path, &where);

	if (fd < 0 || time == INT64_MIN)
		return DEBUG_DATA_CHANGED;
	if (!is_recorded(fd, recorded))
		return DEBUG_DATA_OTHER;
	if (!tells_of_changes(fd))
		return DEBUG_DATA_UNTOLD;
	if (!is_settled(fd, time))
		return DEBUG_DATA_CHANGED;
	*ret_path = TAKE_PTR(where);
	return DEBUG_DATA_SAME;
}
