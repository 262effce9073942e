/* SPDX-License-Identifier: MIT */
/*
 * Why a core ended early: the kernel stops dumping when SIGKILL comes, and when it is told to freeze the process
 * (fs/coredump.c, dump_interrupted()), and the stream ends alike.
 */
#pragma once

#include <stdint.h>

enum process_end {
	PROCESS_END_UNKNOWN,
	PROCESS_END_KILLED,
	PROCESS_END_NOT_KILLED,
	PROCESS_ENDS,
};

/*
 * status_fd: of process_memory.h; -1: none. tid: of the thread that dumps; 0 or less: unknown. pidfd: the kernel's
 * (%F); from Linux 6.15 on it has the exit code after the parent of the process has waited for it; -1: none. signal:
 * by which the process crashed. Needs no rights.
 */
enum process_end process_end_find(int status_fd, int64_t tid, int pidfd, int64_t signal);

/* The parts of it, for its tests. The text of a status file; an exit code as wait(2) has it. */
enum process_end process_end_of_status(const char *status, int64_t tid);
enum process_end process_end_of_code(int32_t code, int64_t signal);

/* A sentence for people. */
const char *process_end_text(enum process_end end);
