/* SPDX-License-Identifier: MIT */
/*
 * What is filtered again, as it is read: the core of a stored dump, or a plain one.
 */
#pragma once

#include <stdbool.h>

#include "filter/names.h"
#include "handler/source.h"
#include "store/dump.h"
#include "store/dump_random.h"
#include "store/memory_map.h"

struct refilter_in {
	struct dump *dump; /* NULL: a plain core */
	const struct record *record; /* the dump's, NULL: a plain core */
	source_pread pread; /* of the core, at any place */
	void *context;
	uint64_t size; /* of the core */
	struct names names; /* of mappings, as the drop map has them */

	/* its own */
	struct dump_random *random;
	struct memory_map map;
	int fd;
};

/* Of a dump's file, or a core's of `size` bytes; both take fd. Return: 0 or negative errno; close it in any case. */
int refilter_in_dump(int fd, struct refilter_in *ret,
		     const char **ret_reason) _must_check_;
int refilter_in_core(int fd, uint64_t size, struct refilter_in *ret) _must_check_;
void refilter_in_close(struct refilter_in *in);

/* All that the kernel sent is in it, as far as its record can tell. NULL: it is a plain core. */
bool refilter_whole(const struct record *record);
