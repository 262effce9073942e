/* SPDX-License-Identifier: MIT */
/*
 * Bytes -> the stored file of store/frame.h, while they come. The only file of the handler
 * that knows zstd. Frame 1, the record, is left as a gap for the parent to fill.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct pack; /* opaque: descriptor, compressor, frames so far, memory not yet in a frame */

/* level: zstd's, 1 to 19. Return: 0 or negative errno. */
int pack_open(int fd, int level, struct pack **ret) _must_check_;
void pack_close(struct pack *pack);

/* The frame with headers and notes, and the room behind it. Once, before any memory. */
int pack_header(struct pack *pack, const uint8_t *p, size_t n) _must_check_;

/* Room for memory, at least one byte; filled by the caller, then pack_commit(). */
uint8_t *pack_space(struct pack *pack, size_t *ret_room);
/* Return: 0, or negative errno: a frame could not be written, see pack_drop(). */
int pack_commit(struct pack *pack, size_t n) _must_check_;
int pack_memory(struct pack *pack, const uint8_t *p, size_t n) _must_check_;

/* Write what waits for its frame. Return: 0 or negative errno. */
int pack_flush(struct pack *pack) _must_check_;

/* Bytes of the extracted core in the file and waiting: header and memory. */
uint64_t pack_size(const struct pack *pack);

/*
 * A write failed (the disk is full): give up what waits, and the last `frames` memory frames
 * too, or all if there are fewer, and shorten the file to the rest. The drop map goes in any
 * case. Return: 0; -ENODATA: there is no memory frame left to give up, or not even headers.
 */
int pack_drop(struct pack *pack, size_t frames) _must_check_;

/* Write the header frame again, same n as before. Return: 0 or negative errno. */
int pack_header_again(struct pack *pack, const uint8_t *p, size_t n) _must_check_;

/*
 * The drop map (store/memory_map.h), behind all memory. Return: 0, or negative errno: then the
 * file is as before, or pack_drop(pack, 0) makes it so.
 */
int pack_map(struct pack *pack, const uint8_t *p, size_t n) _must_check_;

/* The seek table. Return: 0 or negative errno. */
int pack_finish(struct pack *pack) _must_check_;

static inline void pack_closep(struct pack **pack)
{
	pack_close(*pack);
}
#define _cleanup_pack_ _cleanup_(pack_closep)
