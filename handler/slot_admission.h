/* SPDX-License-Identifier: MIT */
/*
 * Who gets a slot that is free: one at a time looks at all slots of a class and takes one, so that the rules hold
 * however many begin at once.
 *
 *   - A share (handler/slot_share.h) has half of a class at most, at least one; of a class of one slot anybody. What waits for a disk that does
 *     not answer counts (handler/slot_disk.h).
 *   - Where a class has SLOT_RESERVE_FROM slots, its first one is for units of system.slice alone.
 */
#pragma once

#include <limits.h>

#include "handler/slot_share.h"
#include "handler/slots.h"

#define SLOT_RESERVE_FROM 3

/* In place of a slot's number. */
#define SLOT_NONE UINT_MAX

/* How many slots of the class a share may have, and how many are open to it. */
unsigned int slot_admission_share(const struct slots *slots, enum slot_class class);
unsigned int slot_admission_open(const struct slots *slots,
				 const struct slot_share *share, enum slot_class class);

/* One look; it begins at slot `first`. */
struct slot_admission {
	unsigned int first;
	int fd; /* of a slot that was waited for, locked: it is used or closed; -1: any */
	unsigned int index; /* in: which that is; out: a slot to wait for, or SLOT_NONE */
};

/*
 * until: µs of CLOCK_MONOTONIC, for the lock of the look itself. Return: a descriptor that is the slot; -EAGAIN: none is
 * free; -EDQUOT: the share has its half; or negative errno: slots cannot be had here.
 */
int slot_admission_try(const struct slots *slots, const struct slot_share *share,
		       enum slot_class class, int64_t until,
		       struct slot_admission *admission) _must_check_;
