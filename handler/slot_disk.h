/* SPDX-License-Identifier: MIT */
/*
 * Handlers that write their dump to the disk: its memory is packed, and only fsync(2) and the like are left. On a disk
 * that answers these take milliseconds; on one that is frozen (fsfreeze(8)) or gone they have no end, and no signal
 * gives them one. So a handler gives its slot back before, and others go on. It goes on to count for its share
 * (handler/slot_admission.h): no more of it wait so than it may have slots.
 *
 * A file of the runtime directory has a place for each; a place is taken as long as a descriptor has its bytes locked
 * (F_OFD_SETLK, fcntl(2)).
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "handler/slot_file.h"

/* Where there is none left a handler keeps its slot. */
#define SLOT_DISK_PLACES 128

/* Return: a descriptor that is the place; -EAGAIN: all are taken; or negative errno. */
int slot_disk_enter(int runtime_fd, enum slot_class class, int64_t key) _must_check_;

/* How many of the share are there. */
unsigned int slot_disk_count(int runtime_fd, enum slot_class class, int64_t key);
