/* SPDX-License-Identifier: MIT */
/*
 * The frames of a file (store/frame.h) whose writer was killed: from its beginning as far as they are
 * whole. The file is hostile by assumption.
 */
#pragma once

#include "handler/pack_file.h"

struct pack_walk; /* opaque */

/* fd stays the caller's. Return: 0 or negative errno. */
int pack_walk_open(int fd, struct pack_walk **ret) _must_check_;
void pack_walk_close(struct pack_walk *walk);

/*
 * The frame with the headers, and the room behind it -> file, as pack_file_found() takes them. ret: what comes
 * out of it, the caller's to free. Return: 0; -ENODATA: they are not there; or negative errno.
 */
int pack_walk_header(struct pack_walk *walk, struct pack_file *file, uint8_t **ret,
		     size_t *ret_n) _must_check_;

/*
 * Behind it all whole frames with memory -> file. until: µs of CLOCK_MONOTONIC, when no further one is looked
 * at. Return: 0 or negative errno.
 */
int pack_walk_memory(struct pack_walk *walk, struct pack_file *file,
		     int64_t until) _must_check_;

static inline void pack_walk_closep(struct pack_walk **walk)
{
	pack_walk_close(*walk);
}
#define _cleanup_pack_walk_ _cleanup_(pack_walk_closep)
