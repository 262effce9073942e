/* SPDX-License-Identifier: MIT */
/*
 * One slot: a file of the runtime directory. It is taken as long as somebody has it locked by flock(2), and
 * says for whom (struct slot_share). What a file says that nobody has locked means nothing.
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

/* Of no share: of a file that says nothing. */
#define SLOT_NOBODY INT64_MIN

/* usec: how long to wait. Return: a descriptor that has the lock; -EAGAIN: another has it. */
int slot_file_lock(int runtime_fd, enum slot_class class, unsigned int i,
		   int64_t usec) _must_check_;

/* For whom it is taken, or was; SLOT_NOBODY. */
int64_t slot_file_key(int runtime_fd, enum slot_class class, unsigned int i);

/* fd: of slot_file_lock(). */
int slot_file_sign(int fd, int64_t key) _must_check_;

/* Nothing is made. */
bool slot_file_is_taken(int runtime_fd, enum slot_class class, unsigned int i);
