/* SPDX-License-Identifier: MIT */
/*
 * One slot: a file of the runtime directory. It is taken as long as somebody has it locked by flock(2).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

enum slot_class {
	SLOT_SMALL,
	SLOT_LARGE,
	SLOT_CLASSES,
};

/* usec: how long to wait. Return: a descriptor that has the lock; -EAGAIN: another has it. */
int slot_file_lock(int runtime_fd, enum slot_class class, unsigned int i,
		   int64_t usec) _must_check_;

/* Nothing is made. */
bool slot_file_is_taken(int runtime_fd, enum slot_class class, unsigned int i);
