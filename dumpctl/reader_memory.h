/* SPDX-License-Identifier: MIT */
/*
 * The drop map of a stored dump.
 */
#pragma once

#include "dumpctl/reader.h"
#include "store/memory_map.h"

/* fd: of a dump's file, borrowed. *ret_derived: as of memory_load(). Return: as of reader.h. */
int reader_memory(struct reader *reader, int fd, struct memory_map *ret,
		  bool *ret_derived) _must_check_;

/* Of other questions: a map that comes before the answer, up to that, which is in reader->message. Return as above. */
int reader_take_map(struct reader *reader, struct memory_map *map) _must_check_;
