/* SPDX-License-Identifier: MIT */
/*
 * The disk that dumps share with others: how much a dump may take of it, and room for the next.
 *
 * The parent's: it looks at sizes, times and attributes of the store's files, not into them.
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

/*
 * Before a dump is written, while the process is held. Where little is free, old dumps go first;
 * else nothing is looked at but how full the disk is. What cannot be found out is no limit.
 */
void disk_room(int store_fd, const struct settings *settings, struct disk *ret);

/* After all else: what the settings say that must go. Tells what went, then and before. */
void disk_vacuum(int store_fd, const struct settings *settings, const struct disk *before,
		 bool to_stderr);
