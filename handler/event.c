/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <time.h>

#include "handler/event.h"

void event_open(struct event *event)
{
	pthread_condattr_t attr;

	event->happened = false;
	(void)pthread_condattr_init(&attr); /* these cannot fail with glibc */
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&event->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	(void)pthread_mutex_init(&event->lock, NULL);
}

void event_close(struct event *event)
{
	(void)pthread_cond_destroy(&event->changed);
	(void)pthread_mutex_destroy(&event->lock);
}

void event_happen(struct event *event)
{
	(void)pthread_mutex_lock(&event->lock);
	event->happened = true;
	(void)pthread_cond_broadcast(&event->changed);
	(void)pthread_mutex_unlock(&event->lock);
}

bool event_wait(struct event *event, int64_t until)
{
	const struct timespec time = { .tv_sec = until / 1000000,
				       .tv_nsec = until % 1000000 * 1000 };
	bool happened;
	int r = 0;

	(void)pthread_mutex_lock(&event->lock);
	while (!event->happened && r != ETIMEDOUT) {
		if (until == INT64_MAX)
			r = pthread_cond_wait(&event->changed, &event->lock);
		else
			r = pthread_cond_timedwait(&event->changed, &event->lock, &time);
	}
	happened = event->happened;
	(void)pthread_mutex_unlock(&event->lock);
	return happened;
}
