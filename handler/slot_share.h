/* SPDX-License-Identifier: MIT */
/*
 * For whom a crash takes its slot. Whoever has many crashes at once shall not keep others waiting, so slots are
 * shared out between (the first that applies):
 *
 *   the user whose login session or user@UID.service it was in, and all that they run as subordinate ids
 *   the pod, or the container
 *   of root's own processes the unit
 *   the user
 *
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "handler/process.h"
#include "handler/process_container.h"

struct slot_share {
	int64_t key; /* a uid (-1: unknown), or as rate_container() makes it of a name */
	bool system; /* a unit of system.slice, for which slots are kept free */
	char name[PROCESS_CONTAINER_ID +
		  16]; /* for people: "user 1000", "container 4f53cda18c2b" */
};

/* container: the process' own. uid: real; -1: unknown. */
void slot_share_find(const struct process *process,
		     const struct process_container *container, int64_t uid,
		     struct slot_share *ret);
