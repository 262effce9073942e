/* SPDX-License-Identifier: MIT */
/*
 * What happens once, in one thread, and another that waits for it, but not for ever.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct event {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool happened;
};

void event_open(struct event *event);
void event_close(struct event *event);

/* All that this thread did before is seen by who knows of it. */
void event_happen(struct event *event);

/* until: µs of CLOCK_MONOTONIC; INT64_MAX is for ever. Return: whether it happened. */
bool event_wait(struct event *event, int64_t until) _must_check_;
