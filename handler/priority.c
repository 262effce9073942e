/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "handler/priority.h"

/* Half of the way to the lowest priority: a machine that is busy still gets its dump. */
#define NICE 10

/*
 * Not SCHED_IDLE: where others want all processors, that comes to its turn after a tenth of a second, and whoever
 * waits for the lock that it has in a page fault holds the crashed process meanwhile.
 */
#define NICE_LOWEST 19

/* include/uapi/linux/ioprio.h: the class of all, at its end. */
#define IOPRIO_CLASS_BE	   2
#define IOPRIO_LOWEST	   7
#define IOPRIO_CLASS_SHIFT 13
#define IOPRIO_WHO_PROCESS 1

void priority_lower(void)
{
	/* 0: the calling thread. Refused: others wait longer, no more */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		      IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT | IOPRIO_LOWEST);
}

void priority_lowest(void)
{
	(void)setpriority(PRIO_PROCESS, 0, NICE_LOWEST); /* as above */
}

/* proc_pid_oom_score_adj(5): 1,000 is the first to go; the worker inherits it. */
void priority_expendable(void)
{
	static const char first[] = "1000";
	_cleanup_fd_ int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)!io_write_full(fd, first, sizeof(first) - 1); /* as above */
}
