/* SPDX-License-Identifier: MIT */
/*
 * Where a core's bytes come from: the stream on a descriptor, in order, once; the memory of the
 * process that the kernel holds meanwhile, with the stream for what memory cannot give; or a core
 * that can be read at any place, as a stored dump can.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "handler/source_memory.h"

struct overlay;

/* Header bytes are read in chunks of this size, skipped memory too. */
#define SOURCE_CHUNK (256u << 10)

/* n bytes at an offset of the core, fewer only at its end. Return: bytes or negative errno. */
typedef ssize_t (*source_pread)(void *context, void *to, size_t n, uint64_t offset);

struct source {
	int fd; /* of the stream, -1: none */
	source_pread pread; /* NULL: a stream */
	void *context;
	uint64_t size; /* then: of the core */
	uint64_t position; /* of the next byte that source_read() returns */
	uint8_t *chunk; /* SOURCE_CHUNK bytes */
	size_t chunk_at, chunk_end;
	bool ended;
	int error; /* why it ended, if not by its end; negative errno */

	const struct source_memory *memory; /* NULL: there is none, or none any more */
	int status_fd; /* of the process with that memory (process_memory.h); -1: it is believed unasked */
	int memory_error; /* why not any more; negative errno */
	/*
	 * What is read jumps: when memory cannot be had any more, reading ends, with the stream's
	 * position, as what was skipped may be wanted still.
	 */
	bool jumps;
	const struct overlay
		*overlay; /* laid over what is read (capture_overlay.h); NULL: nothing */
	uint64_t from_memory; /* bytes, and what is known to be zeros there */
	uint64_t stream_at; /* the stream's position when memory came in its place */
	uint64_t received; /* bytes that were taken out of the pipe; it only grows */
};

/* Return: 0 or -ENOMEM. */
int source_open(int fd, struct source *ret) _must_check_;
/* size: of the whole core. Return as above. context must outlive the source. */
int source_open_at(source_pread pread, void *context, uint64_t size,
		   struct source *ret) _must_check_;
/* Close the descriptor, by which the kernel lets the crashed process go. */
void source_release(struct source *source);
/* The rest, too. */
void source_close(struct source *source);

/*
 * From the position on, which is behind headers and notes, bytes come out of memory. It must
 * outlive the source.
 */
void source_use_memory(struct source *source, const struct source_memory *memory);

/*
 * What was read out of memory before is of the crash: the process is held still, or it was released, with what its
 * end changes copied before, and its memory is pinned and whole. Any thread.
 * Return: 0; -ESRCH: it is not; another negative errno: nobody can tell.
 */
int source_believe(const struct source *source) _must_check_;

/*
 * Let more bytes wait in the pipe, when the core's memory is to be read from there. Not before: with
 * core_pipe_limit 0 nothing holds a process whose whole core is in the pipe; and a kernel that fills
 * it, and comes to memory that hangs, lets the process go no more.
 */
void source_widen(const struct source *source);

/* A file that the core is the beginning of: it can be read at any offset. */
bool source_is_file(const struct source *source);

/* The bytes that are there, at least one but at the end (0). Or negative errno. */
ssize_t source_peek(struct source *source, const uint8_t **ret) _must_check_;
void source_take(struct source *source, size_t n);

/* Bytes of the pipe that were taken. Any thread, while another reads. */
static inline uint64_t source_received(const struct source *source)
{
	return __atomic_load_n(&source->received, __ATOMIC_RELAXED);
}

/* Fill p, n bytes but at the end. Return: bytes or negative errno. */
ssize_t source_read(struct source *source, uint8_t *p, size_t n) _must_check_;

/* Zeros at the position of which it is known without reading, at most n. */
uint64_t source_hole(const struct source *source, uint64_t n);

/* Reading ended because memory cannot be had any more, and the stream is there in its place. */
bool source_has_left_memory(const struct source *source);

/*
 * Go to a position: what can be read at any place goes back, too; of a stream bytes are read over, if
 * it is ahead. Return: 1; 0: the stream ended before; negative errno.
 */
int source_skip(struct source *source, uint64_t position) _must_check_;

/*
 * n bytes at an offset, without moving. Return: bytes, fewer at the end; -ESPIPE: this is a
 * pipe; or negative errno.
 */
ssize_t source_read_at(const struct source *source, void *p, size_t n,
		       uint64_t offset) _must_check_;
