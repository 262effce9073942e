/* SPDX-License-Identifier: MIT */
/*
 * Bytes -> the stored file of store/frame.h, while they come. One thread hands memory in, or several
 * fill places of an order that one at a time reserves; others may make frames of it
 * (handler/pack_queue.h). Frame 1, the record, is left as a gap for the parent to fill.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "handler/room.h"

struct pack; /* opaque: descriptor, compressor, frames so far, memory not yet in a frame */
struct packer; /* of handler/pack_queue.h, each thread has its own */
struct parcel; /* of handler/parcels.h */

/*
 * level: zstd's, 1 to 19. spool: bytes of memory that may wait to be packed. Return: 0 or negative
 * errno.
 */
int pack_open(int fd, int level, uint64_t spool, struct pack **ret) _must_check_;
void pack_close(struct pack *pack);

/*
 * What the file may take, before anything is written; no limit else. Beyond it a write fails with
 * -PACK_NO_ROOM.
 */
void pack_limit(struct pack *pack, const struct room *room);

/* No file system says this. */
#define PACK_NO_ROOM EXFULL

/* Buffers for its spool, before anything else: spool_adopt() of handler/spool.h. */
void pack_adopt(struct pack *pack, uint8_t *buffers, size_t count);

/*
 * The frame with headers and notes, and the room behind it. Once, before any memory. It goes out like
 * memory, so that a disk that hangs holds nobody here: p stays as it is until pack_flush().
 */
int pack_header(struct pack *pack, const uint8_t *p, size_t n) _must_check_;

/*
 * Room for memory, at least one byte; filled by the caller, then pack_commit(). Return: 0, or
 * negative errno: a frame could not be written, see pack_drop().
 */
int pack_space(struct pack *pack, uint8_t **ret, size_t *ret_room) _must_check_;
/* Return: the same, or -ETIMEDOUT: pack_abandon(). */
int pack_commit(struct pack *pack, size_t n) _must_check_;
/* What comes next gets another frame. Return as above. */
int pack_border(struct pack *pack) _must_check_;
/* n zeros, a multiple of PACK_ZEROS_MIN. Return as above. */
int pack_zeros(struct pack *pack, uint64_t n) _must_check_;

/*
 * For several threads at once: a buffer of FRAME_MEMORY_MAX bytes; its place in the order; bytes that
 * are in it, as they come; and that no more come, because it is whole or because they cannot be had.
 * pack_buffer() makes frames while there is no room. Return: as above; -ECANCELED: somebody left what comes
 * before, and only pack_cut() makes room.
 */
int pack_buffer(struct pack *pack, struct packer *packer, uint8_t **ret) _must_check_;
void pack_buffer_back(struct pack *pack, uint8_t *buffer);
int pack_reserve(struct pack *pack, uint8_t *buffer, struct parcel **ret) _must_check_;
int pack_filled(struct pack *pack, struct parcel *parcel, size_t n) _must_check_;
/* The last n are not what they should be, and do not count. Before it is left. */
void pack_unfilled(struct pack *pack, struct parcel *parcel, size_t n);
void pack_leave(struct pack *pack, struct parcel *parcel, bool whole);
/* All have left: what is behind the first byte that could not be had is forgotten. */
void pack_cut(struct pack *pack);

/* For further threads: make frames until pack_end(). */
void pack_work(struct pack *pack, struct packer *packer);
void pack_end(struct pack *pack);

/* The crashed process is gone; what is still to be done has time. */
void pack_release(struct pack *pack);

/*
 * From another thread: who hands memory in hangs. What was committed in order counts, what comes after
 * is refused. What fails here is the result of pack_flush().
 */
void pack_abandon(struct pack *pack);

/* Behind all that was committed. Return: 0 or negative errno. */
int pack_memory(struct pack *pack, const uint8_t *p, size_t n) _must_check_;

/* Write what waits for its frame. Return: 0 or negative errno. */
int pack_flush(struct pack *pack) _must_check_;

/* Bytes of the extracted core that were committed or filled: header and memory. */
uint64_t pack_size(struct pack *pack);

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
