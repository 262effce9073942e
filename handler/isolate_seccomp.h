/* SPDX-License-Identifier: MIT */
/*
 * The system calls that a worker may make. For handler/isolate*.c alone. Which they are is in
 * handler/generate/worker_calls.c; libseccomp makes the filter of it when dumpd is built.
 *
 * What it does with the descriptors that it has, with its own memory and threads, and the clock
 * is allowed; where a system call can do more than that, by its arguments only. All else is
 * stopped: SIGSYS. A handler of that signal can tell which call it was, and no more; blocked, or
 * raised by the handler, the signal ends the process, and nobody may set another handler. So does
 * a call by the numbers of another architecture, at once.
 *
 * An error instead, which libraries know how to live with, gets what they may try without need.
 * What they need must be here, or be avoided (see worker_run()): a new C library that asks for
 * more costs dumps.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"

/* At its end it writes files: what sanitizers found, which lines ran (COVERAGE=1). No release does. */
#if defined(__SANITIZE_ADDRESS__) || defined(DUMPD_COVERAGE)
#define ISOLATE_WRITES_FILES
#endif

/*
 * All threads, from here on; needs no_new_privs. Return: 0; -ENOSYS: this kernel has no filters of
 * system calls; other negative errno: they are not confined.
 */
int isolate_seccomp(void) _must_check_;

/* The same with the calls of a reader of stored dumps, which may also begin threads, and answer on its socket. */
int isolate_seccomp_reader(void) _must_check_;

/*
 * For a debugger: no sockets, neither of a network nor with a path; every other call is allowed. Calls that make or
 * connect a socket fail with EACCES; calls by the numbers of another architecture end the process. The filter stays
 * after execve(2). Return as above.
 */
int isolate_seccomp_connections(void) _must_check_;

/* Whether the calling thread is confined, or cannot be. */
bool isolate_seccomp_holds(void);

/* Of a system call of this machine. NULL: it has none. */
const char *isolate_seccomp_name(int number);
