/* SPDX-License-Identifier: MIT */
/*
 * How much more memory the control groups of a process allow: its memory counts there for as long as it is
 * kept, and who is started anew in the same group needs as much beside it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct process_memory_group {
	/*
	 * Bytes: the least min(limit, high) - (usage - inactive_file) of the groups and of all above
	 * them, v1 and v2. UINT64_MAX: no limit. 0: none, or it cannot be read. Where it is much, inactive
	 * file pages may not be counted in: then it is at least this.
	 */
	uint64_t room;
	const char *reason; /* why it cannot be read; NULL: it was */
};

/*
 * cgroup: the text of /proc/PID/cgroup; NULL or cut: unknown. enough: bytes beyond which nobody asks
 * how much it is.
 */
void process_memory_group_read(const char *cgroup, uint64_t enough,
			       struct process_memory_group *ret);
