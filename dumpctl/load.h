/* SPDX-License-Identifier: MIT */
/*
 * How much the handler has to do now, and had: slots, who is limited, and what the kernel dropped; for
 * `dumpctl status`, which looks and changes nothing.
 */
#pragma once

#include <jansson.h>

#include "config/settings.h"
#include "dumpctl/kmsg.h"
#include "handler/rate_table.h"
#include "handler/slots.h"
#include "handler/worker_left.h"

struct load_state {
	int error; /* why slots and counts are not known; -ENOENT: nothing crashed since the boot */
	unsigned int slots[SLOT_CLASSES], taken[SLOT_CLASSES];
	struct worker_left left[WORKER_LEFT_MAX]; /* workers that do not end */
	size_t left_count;
	int64_t now, period; /* µs of CLOCK_BOOTTIME */
	struct rate_table *table; /* NULL: unknown */
	int drops_error; /* why these are not known */
	struct kmsg_drops drops;
};

void load_state_read(const struct settings *settings, struct load_state *ret);
void load_state_done(struct load_state *state);

/* Programs that got less than is configured, in this period: *i-th of them; NULL: no more. */
const struct rate_entry *load_next_limited(const struct load_state *state,
					   size_t *i) _must_check_;

/* The member "load" of `dumpctl status --json`. Return: NULL without memory. */
json_t *load_to_json(const struct load_state *state) _must_check_;
