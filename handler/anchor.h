/* SPDX-License-Identifier: MIT */
/*
 * Keeps the memory of the crashed process when the process itself is gone: a read of its memory that
 * is under way holds the address space (fs/proc/base.c, mem_rw(): mmget_not_zero() to mmput()), and
 * one whose destination is a page that userfaultfd(2) holds back stays under way for as long as it is
 * wanted. So the process can be reaped, and its service started anew, while its memory is read.
 *
 * The memory is freed when the anchor is dropped, by the thread that read, and when this process ends in
 * whatever way.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct anchor {
	int fd; /* of userfaultfd(2); -1: there is none */
	void *page; /* which it holds back */

	/* the caller's */
	int mem_fd; /* /proc/PID/mem */
	uint64_t address; /* a page of it that can be read */
};

/*
 * While this process still may: kernels give a userfaultfd that holds back the kernel's own faults to
 * root alone, and no other page is registered later (handler/generate/worker_calls.c). ret->fd is at least
 * `least`. Return: 0, or negative errno: there is no anchor.
 */
int anchor_open(int least, struct anchor *ret);

/* For a thread of its own: begins the read, and returns when it is let go, or has failed. */
void anchor_work(struct anchor *anchor);

/* Wait until the read is under way, a moment at most. Return: whether it is. */
bool anchor_holds(const struct anchor *anchor);

/* Let the read go. Also if it never began. */
void anchor_drop(struct anchor *anchor);
