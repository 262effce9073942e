/* SPDX-License-Identifier: MIT */
/*
 * The stored file of store/frame.h, as it grows: frames to its end, and what is written again. One
 * thread at a time.
 */
#pragma once

#include "handler/pack_frame.h"
#include "handler/pack_zeros.h"
#include "handler/room.h"

struct pack_file {
	int fd; /* the caller's */
	int level;
	struct room room;
	uint64_t end; /* of the file so far */
	uint64_t begun; /* of it, what is on its way to the disk */
	uint64_t size; /* extracted bytes in frames */

	/* its own */
	uint64_t looked; /* at how full the disk is, when the file ended here */
	struct pack_frame *frame;
	struct pack_zeros zeros;
	struct pack_file_entry *frames;
	size_t frame_count, frame_capacity;
	bool has_map; /* the last frame is the drop map */
};

/* Frame 1, the record, is left as a gap. Return: 0 or -ENOMEM. */
int pack_file_open(int fd, int level, struct pack_file *ret) _must_check_;
void pack_file_close(struct pack_file *file);

/* A frame of these bytes, of which `size` come out, is at the file's end already. Return: 0 or -ENOMEM. */
int pack_file_found(struct pack_file *file, uint32_t compressed,
		    uint32_t size) _must_check_;

/* All: 0 or negative errno, as in handler/pack.h. */
int pack_file_header(struct pack_file *file, struct pack_frame *frame, const uint8_t *p,
		     size_t n) _must_check_;
int pack_file_header_again(struct pack_file *file, const uint8_t *p,
			   size_t n) _must_check_;
/* A frame of n bytes that holds `size` of memory. */
int pack_file_put(struct pack_file *file, const uint8_t *p, size_t n,
		  size_t size) _must_check_;
/* Memory that is made a frame here, by means of `frame`; and so many zeros. */
int pack_file_memory(struct pack_file *file, struct pack_frame *frame, const uint8_t *p,
		     size_t n) _must_check_;
int pack_file_zeros(struct pack_file *file, struct pack_frame *frame,
		    uint64_t left) _must_check_;
int pack_file_map(struct pack_file *file, const uint8_t *p, size_t n) _must_check_;
int pack_file_drop(struct pack_file *file, size_t frames) _must_check_;
int pack_file_finish(struct pack_file *file) _must_check_;
