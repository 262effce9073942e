/* SPDX-License-Identifier: MIT */
/* Files of /proc/PID, for tests that look at a process of theirs. */
#pragma once

#include <sys/types.h>

/* For reading; a test fails where there is none. */
int proc_open(pid_t pid, const char *name);
