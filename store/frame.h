/* SPDX-License-Identifier: MIT */
/*
 * The stored file, seen as zstd frames (RFC 8878). All of it is legal zstd:
 *
 *   1. a skippable frame, magic FRAME_RECORD_MAGIC, FRAME_RECORD_SIZE bytes in all: the record
 *      as JSON, NUL-padded; rewritten in place before the file gets its name. Its last member is
 *      in a fixed place (store/fixed.h), which older dumps do not have
 *   2. one frame with ELF header, program headers and notes
 *   3. a skippable frame, FRAME_SLACK_MAGIC: room for frame 2 to be written again
 *   4. frames of at most FRAME_MEMORY_MAX bytes of memory each, independent of each other
 *   5. a skippable frame, FRAME_MAP_MAGIC: the drop map (store/memory_map.h) as one frame of
 *      zstd; older dumps have none, nor one whose map was too large
 *   6. a skippable frame with the seek table (zstd's seekable format, contrib/seekable_format)
 *
 * All multi-byte numbers are little endian.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FRAME_RECORD_MAGIC 0x184D2A50u
#define FRAME_SLACK_MAGIC  0x184D2A51u
#define FRAME_MAP_MAGIC	   0x184D2A52u
#define FRAME_SEEK_MAGIC   0x184D2A5Eu

/* Magic and length of a skippable frame. */
#define FRAME_SKIPPABLE_HEADER 8

#define FRAME_RECORD_SIZE 16384
#define FRAME_MEMORY_MAX  (2u << 20)
/* Twice what the handler reads of headers and notes (CORE_HEADER_MAX of filter/core.h). */
#define FRAME_HEADER_MAX (512u << 20)

/* Seek table: entries of 8 bytes {compressed size, decompressed size}, then the footer
 * {number of frames, descriptor 0, 0x8F92EAB1}. Skippable frames have decompressed size 0. */
#define FRAME_SEEK_ENTRY  8
#define FRAME_SEEK_FOOTER 9
#define FRAME_SEEK_TAIL	  0x8F92EAB1u

/*
 * The largest that a frame may ask of its reader: what zstd's levels up to 19 have. It is below zstd's own
 * default limit, 27, with which a few bytes could take 128 MiB.
 */
#define FRAME_WINDOW_LOG_MAX 23

void frame_put_le32(uint8_t *p, uint32_t value);
uint32_t frame_get_le32(const uint8_t *p);
/* The 8 bytes before the payload of a skippable frame. */
void frame_put_skippable(uint8_t header[FRAME_SKIPPABLE_HEADER], uint32_t magic,
			 uint32_t payload);
