/* SPDX-License-Identifier: MIT */
/*
 * Frames decompressed by several threads and given back in the order in which they came. One
 * thread submits and takes; the others see nothing but a frame and its room. They get no
 * signals: those are the caller's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "store/dump_output.h"
#include "store/dump_zero.h"
#include "store/seek.h"

/* More threads than this are faster than one writer, and each costs 6 MiB. */
#define DUMP_PARALLEL_THREADS_MAX 8

struct dump_parallel; /* opaque: threads, parts on their way */

/* One frame. */
struct dump_part {
	struct seek_frame frame;
	uint32_t number; /* of the frame in the file, from 1 */
	uint64_t start; /* in the core */
	uint64_t
		zeros; /* zeros in front of it that no frame had to be decompressed for */
	/* What came out: */
	int error; /* 0, or as dump_extract() */
	const char *reason;
	uint8_t *bytes; /* frame.size of them */
	bool is_zero; /* all of them */
	uint8_t zero[FRAME_MEMORY_MAX / DUMP_OUTPUT_PAGE]; /* dump_output_scan() */
	uint8_t compressed[DUMP_ZERO_MAX]; /* of a frame that is no longer than that */
};

/* How many threads are worth while for a core of this size on this machine; 0: none. */
size_t dump_parallel_threads(uint64_t size);

/*
 * fd is borrowed. As many threads as can be started, `threads` at most; without any,
 * dump_parallel_first() does the work. Return: 0; -ENOMEM.
 */
int dump_parallel_open(int fd, size_t threads, struct dump_parallel **ret) _must_check_;
/* Ends the threads, whatever they are at. */
void dump_parallel_close(struct dump_parallel *parallel);

/* Can it be a part: does it fit into one's room? */
bool dump_parallel_fits(const struct seek_frame *frame);

/* How many were submitted and not dropped; no more can be if it is full. */
bool dump_parallel_empty(const struct dump_parallel *parallel);
bool dump_parallel_full(const struct dump_parallel *parallel);

/* The members above "what came out" of a frame that fits. */
void dump_parallel_submit(struct dump_parallel *parallel, const struct dump_part *part);

/* The oldest one, when it is done; not when empty. Valid until it is dropped. */
const struct dump_part *dump_parallel_first(struct dump_parallel *parallel);
void dump_parallel_drop(struct dump_parallel *parallel);
