/* SPDX-License-Identifier: MIT */
/*
 * Crashes that the kernel dropped before any handler was started, counted out of its log: more
 * processes dumped core at a time than kernel.core_pipe_limit allows. There is no other trace of them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct kmsg_drops {
	uint64_t count;
	bool more; /* the kernel has kept lines back, and not yet said how many */
	bool whole; /* the log goes back to the boot */
	int64_t last; /* µs since the boot; 0: there is none */
};

/* What goes from record to record. */
struct kmsg_scan {
	struct kmsg_drops drops;
	bool begun;
	uint64_t kept_back; /* lines, of what comes next */
	int64_t window; /* when the kernel began to count lines, µs */
	unsigned int lines; /* since then */
};

void kmsg_scan_init(struct kmsg_scan *scan);
/* One record as a read of /dev/kmsg gives it. Pure. */
void kmsg_scan_record(struct kmsg_scan *scan, const char *record);
void kmsg_scan_finish(struct kmsg_scan *scan);

/* All of /dev/kmsg, without waiting. Return: 0 or negative errno (-EPERM: kernel.dmesg_restrict). */
int kmsg_drops_read(struct kmsg_drops *ret) _must_check_;
