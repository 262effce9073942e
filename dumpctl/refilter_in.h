/* SPDX-License-Identifier: MIT */
/*
 * What is filtered again: a stored dump, by its id or its file, or a plain core file.
 */
#pragma once

#include <stdbool.h>

#include "dumpctl/select.h"
#include "filter/names.h"
#include "handler/source.h"
#include "store/dump_random.h"
#include "store/memory_map.h"

struct refilter_in {
	struct dump *dump; /* NULL: a plain core */
	const struct record *record; /* the dump's, NULL: a plain core */
	source_pread pread; /* of the core, at any place */
	void *context;
	uint64_t size; /* of the core */
	uint64_t stored; /* bytes on disk */
	int64_t timestamp; /* of the file, µs */
	struct names names; /* of mappings, as the drop map has them */

	/* its own */
	struct dump_random *random;
	struct memory_map map;
	int fd;
};

/* what: a file, or a match for select. Return: 0; -1 after a message. */
int refilter_in_open(struct select *select, char *what,
		     struct refilter_in *ret) _must_check_;

/*
 * The part of it that reads a stored dump: in->dump is open, all else zeros, in->fd -1. path is for
 * messages. Return as above.
 */
int refilter_in_take(struct refilter_in *in, const char *path) _must_check_;
void refilter_in_close(struct refilter_in *in);

/* All that the kernel sent is in it, as far as can be told. */
bool refilter_in_whole(const struct refilter_in *in);
