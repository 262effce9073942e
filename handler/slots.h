/* SPDX-License-Identifier: MIT */
/*
 * How many dumps are made at a time. A slot is a file of the runtime directory that a handler has
 * locked until its record is there, or until it ends, however it does (handler/slot_file.h). There are Slots=
 * large ones, in which anything can be made, and four times as many small ones, for what mini keeps
 * or less: these cost milliseconds and some megabytes, and go on while large dumps take minutes.
 *
 *   wants    tries at once     then waits for             then
 *   large    large             large, a second at most    small, and then as who wants small
 *   small    small, large      small, until SlotWait      none: a record only
 *
 * Nobody gets more than their share of either: handler/slot_admission.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "config/settings.h"
#include "handler/slot_file.h"
#include "handler/slot_share.h"

#define SLOTS_SMALL_PER_LARGE 4
#define SLOTS_SMALL_MAX	      (SLOTS_SMALL_PER_LARGE * SLOTS_MAX)

struct slots {
	int runtime_fd;
	unsigned int count[SLOT_CLASSES];
};

/* configured: Slots=, 0 is the number of processors. runtime_fd stays the caller's. */
void slots_init(unsigned int configured, int runtime_fd, struct slots *ret);

struct slot_answer {
	enum slot_class class; /* of the slot */
	int why; /* that wanted one was not had at once: -EBUSY: all are taken; -EDQUOT: its share has its half; 0 */
};

/*
 * wants: SLOT_LARGE may get SLOT_SMALL. usec: how long to wait at most, for which the crashed process
 * is held. Return: a descriptor that is the slot; -EBUSY: there is none for it; other: slots cannot be had here.
 */
int slots_take(const struct slots *slots, const struct slot_share *share,
	       enum slot_class wants, int64_t usec, struct slot_answer *ret) _must_check_;

/* Of this class and no other. Return: as above, and -EDQUOT: its share has its half. */
int slots_take_of(const struct slots *slots, const struct slot_share *share,
		  enum slot_class class, int64_t usec) _must_check_;

/* How many are taken now. Nothing is made. */
unsigned int slots_taken(const struct slots *slots, enum slot_class class);
