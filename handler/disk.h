/* SPDX-License-Identifier: MIT */
/*
 * The disk that dumps share with others: how much a dump may take of it, and room for the next.
 *
 * The parent's: it looks at sizes, times and attributes of the store's files, not into them.
 */
#pragma once

#include "config/settings.h"
#include "handler/room.h"

/*
 * Before a dump is written, while the process is held. Where little is free, old dumps go first;
 * else nothing is looked at but how full the disk is. What cannot be found out is no limit.
 */
void disk_room(int store_fd, const struct settings *settings, struct room *ret);

/* After all else: what the settings say that must go. Tells what went. */
void disk_vacuum(int store_fd, const struct settings *settings, bool to_stderr);
