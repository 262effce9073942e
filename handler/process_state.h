/* SPDX-License-Identifier: MIT */
/*
 * What a process is doing, as the letter in /proc/PID/stat (proc(5)): R runs or waits for a processor, D
 * waits where no signal but perhaps SIGKILL ends it.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* The first thread. */
bool process_state_is(pid_t pid, char state);
/* Any of its first threads, of which a worker has few. */
bool process_state_any(pid_t pid, char state);
