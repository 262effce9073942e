/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "handler/event.h"
#include "handler/patience.h"

struct patient {
	patience_call call;
	void *context;
	struct event done;
};

/* A thread needs little for a few system calls. */
#define STACK_SIZE (256u << 10)

static void *work(void *context)
{
	struct patient *patient = context;

	patient->call(patient->context);
	event_happen(&patient->done);
	return NULL;
}

static bool start(struct patient *patient, pthread_t *ret)
{
	pthread_attr_t attr;
	bool started;

	(void)pthread_attr_init(&attr); /* cannot fail with glibc */
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
	started = pthread_create(ret, &attr, work, patient) == 0;
	(void)pthread_attr_destroy(&attr);
	return started;
}

int patience(patience_call call, void *context, uint64_t seconds)
{
	struct patient *patient = calloc(1, sizeof(*patient));
	pthread_t thread;
	int64_t end;

	if (patient) {
		*patient = (struct patient){ .call = call, .context = context };
		event_open(&patient->done);
	}
	if (!patient || !start(patient, &thread)) {
		free(patient);
		call(context);
		return 0;
	}
	end = clock_after(clock_usec(CLOCK_MONOTONIC), clock_span(seconds));
	if (!event_wait(&patient->done, end)) {
		(void)pthread_detach(thread); /* it has all of this still */
		return -ETIMEDOUT;
	}
	(void)pthread_join(thread, NULL); /* it is at its end */
	event_close(&patient->done);
	free(patient);
	return 0;
}
