/* SPDX-License-Identifier: MIT */
/*
 * What a process is doing, as the letter in /proc/PID/stat (proc(5)): R runs or waits for a processor, D
 * waits where no signal but perhaps SIGKILL ends it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The first thread. */
bool process_state_is(pid_t pid, char state);
/* Any of its first threads, of which a worker has few. */
bool process_state_any(pid_t pid, char state);

/* dirfd: /proc/PID. Clock ticks from the boot to the process' start; -1: it is gone. A name may have spaces and brackets. */
int64_t process_state_started(int dirfd);
