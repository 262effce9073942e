/* SPDX-License-Identifier: MIT */
/*
 * A stored dump's core at any place, without extracting it: the seek table says which frame
 * holds an offset, and the last few frames are kept. As hostile as the rest of the file.
 */
#pragma once

#include <sys/types.h>

#include "store/dump.h"

struct dump_random; /* opaque: index of frames, frames that are kept */

/*
 * dump is borrowed. Return: 0; -ENODATA: the file is cut; -EBADMSG: its frames cannot be those of a
 * dump; -ENOMEM; or negative errno. *ret_reason: static text.
 */
int dump_random_open(const struct dump *dump, struct dump_random **ret,
		     const char **ret_reason) _must_check_;
void dump_random_close(struct dump_random *random);

/*
 * Bytes of the extracted core at an offset. Return: n, less at its end; -EBADMSG: a frame is
 * corrupted; or negative errno. random is a void * so that this can be a callback.
 */
ssize_t dump_random_pread(void *random, void *to, size_t n, uint64_t offset) _must_check_;

static inline void dump_random_closep(struct dump_random **random)
{
	dump_random_close(*random);
}
#define _cleanup_dump_random_ _cleanup_(dump_random_closep)
