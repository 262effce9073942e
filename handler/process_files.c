/* SPDX-License-Identifier: MIT */
#include "base/io.h"
#include "handler/process_files.h"

/*
 * maps says what every mapping is called, and vm.max_map_count allows 65,530 of them: 7 MiB, as the kernel writes
 * them. The rest is several times what is usual, so that nothing usual is ever cut.
 */
static const struct capped {
	const char *name;
	size_t cap;
} files[PROCESS_FILES] = {
	[PROCESS_STATUS] = { "status", 16 << 10 },
	[PROCESS_MAPS] = { "maps", 16 << 20 },
	[PROCESS_LIMITS] = { "limits", 16 << 10 },
	[PROCESS_CGROUP] = { "cgroup", 16 << 10 },
	[PROCESS_MOUNTINFO] = { "mountinfo", 256 << 10 },
	[PROCESS_AUXV] = { "auxv", 4 << 10 },
	[PROCESS_CMDLINE] = { "cmdline", 64 << 10 },
	[PROCESS_ENVIRON] = { "environ", 256 << 10 },
};

const char *process_file_name(enum process_file file)
{
	return files[file].name;
}

size_t process_file_cap(enum process_file file)
{
	return files[file].cap;
}

void process_file_read(int dirfd, enum process_file file, struct blob *ret)
{
	*ret = (struct blob){ .bytes = NULL };
	if (io_read_file(dirfd, files[file].name, files[file].cap, &ret->bytes, &ret->n) <
	    0)
		*ret = (struct blob){ .bytes = NULL };
	ret->cut = ret->n == files[file].cap;
}
