/* SPDX-License-Identifier: MIT */
/*
 * How much more memory the control groups of a process allow: its memory counts there for as long as it is
 * kept, and who is started anew in the same group needs as much beside it.
 *
 * A group is a directory that others may have made, and name as they like. It is looked for below the mount
 * of a control group file system that the handler's own mountinfo names, and nowhere else.
 * Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst have the files.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct process_memory_group {
	/*
	 * Bytes: the least min(limit, high) - (usage - inactive_file) of the groups and of all above
	 * them. UINT64_MAX: no limit. 0: none, or it cannot be read. Where there is more than enough, pages
	 * of files that could be dropped may not be counted in: then it is at least this.
	 */
	uint64_t room;
	const char *reason; /* why it cannot be read; NULL: it was */
};

/* Which hierarchy has the memory controller, and where a process is in it. */
struct process_group_place {
	bool v2;
	const char *
		path; /* in a text of /proc/PID/cgroup; not NUL-terminated. NULL: no controller */
	size_t n;
};

/* For one that is started anew beside a process with so many bytes: a tenth more. */
uint64_t process_memory_group_enough(uint64_t present);

/*
 * cgroup: the text of /proc/PID/cgroup; NULL: it could not be read. enough: bytes beyond which nobody
 * asks how much it is.
 */
void process_memory_group_read(const char *cgroup, uint64_t enough,
			       struct process_memory_group *ret);

/* The parts of it, for its tests. */
void process_group_find(const char *cgroup, struct process_group_place *ret);

/*
 * A line of mountinfo: whether it is a mount of that hierarchy, and of all of it. *ret_point: where it
 * is mounted, *ret_below: the path below it, "" for the mount itself; new strings. Return: 1, 0 or -ENOMEM.
 */
int process_group_mount(const char *line, const struct process_group_place *place,
			char **ret_point, char **ret_below);

/* mount: a directory. below: as above, which is not changed at its end. */
void process_group_room(int mount, const char *below, bool v2, uint64_t enough,
			struct process_memory_group *ret);
