/* SPDX-License-Identifier: MIT */
/*
 * The disk that dumps share with others: how much a dump may take of it, and room for the next.
 *
 * The parent's: it looks at sizes, times and attributes of the store's files. When some have to go, also
 * at how each begins, and where a file system has no attributes at its record; at no memory.
 */
#pragma once

#include <stdbool.h>

#include "config/settings.h"
#include "handler/room.h"
#include "store/vacuum.h"

struct disk {
	struct room room;
	struct vacuum_result gone; /* what went for it, which is not told yet */
};

/* Where. runtime_fd: of handler/runtime.h, -1: there is none. */
struct disk_place {
	int store_fd, runtime_fd;
	const struct settings *settings;
};

/*
 * Before a dump is written, while the process is held. Where little is free, old dumps go first;
 * else nothing is looked at but how full the disk is. What cannot be found out is no limit.
 */
void disk_room(const struct disk_place *place, struct disk *ret);

/* After all else: what the settings say that must go. Tells what went, then and before. */
void disk_vacuum(const struct disk_place *place, const struct disk *before,
		 bool to_stderr);

/* Who removes dumps locks this file. Return: a descriptor, -1: there is none. */
int disk_lock_file(int runtime_fd) _must_check_;
