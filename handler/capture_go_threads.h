/* SPDX-License-Identifier: MIT */
/*
 * Threads of Go's own, in programs without C. Go's runtime names no word that the kernel clears: it calls clone(2)
 * without CLONE_CHILD_CLEARTID (runtime/os_linux.go, cloneFlags; Go 1.5 to 1.24) and never set_tid_address(2), and
 * execve(2) forgets the word of the thread that called it.
 *
 * Not so where ld.so has started the program (-buildmode=pie, shared libraries): that gave the kernel a word before
 * Go took the thread. And with cgo it is the C library that makes threads.
 */
#pragma once

#include "handler/capture_kernel_writes.h"

/* Return: the program was started without ld.so and has no C library's thread-local storage. */
bool go_threads_alone(struct kernel_writes *writes);

/*
 * Return: Go made this thread: its thread pointer is in its own struct m, which has its id (on amd64), or has nothing
 * yet. The C library's threads have theirs in a structure of the library, with cgo, too.
 */
bool go_threads_is(struct kernel_writes *writes, const struct thread *thread);
