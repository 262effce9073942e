/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "handler/patience.h"

struct patient {
	patience_call call;
	void *context;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done;
};

/* A thread needs little for a few system calls. */
#define STACK_SIZE (256u << 10)

static void *work(void *context)
{
	struct patient *patient = context;

	patient->call(patient->context);
	(void)pthread_mutex_lock(&patient->lock);
	patient->done = true;
	(void)pthread_cond_signal(&patient->changed);
	(void)pthread_mutex_unlock(&patient->lock);
	return NULL;
}

static void open_lock(struct patient *patient)
{
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr); /* these cannot fail with glibc */
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&patient->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	(void)pthread_mutex_init(&patient->lock, NULL);
}

static bool start(struct patient *patient, pthread_t *ret)
{
	pthread_attr_t attr;
	bool started;

	(void)pthread_attr_init(&attr); /* as above */
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
	started = pthread_create(ret, &attr, work, patient) == 0;
	(void)pthread_attr_destroy(&attr);
	return started;
}

/* Return: whether it is done. */
static bool wait_for(struct patient *patient, uint64_t seconds)
{
	struct timespec until;
	bool done;
	int r = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until); /* cannot fail for this clock */
	(void)pthread_mutex_lock(&patient->lock);
	if (seconds > INT32_MAX)
		seconds = INT32_MAX; /* 68 years */
	until.tv_sec += (time_t)seconds;
	while (!patient->done && r != ETIMEDOUT)
		r = pthread_cond_timedwait(&patient->changed, &patient->lock, &until);
	done = patient->done;
	(void)pthread_mutex_unlock(&patient->lock);
	return done;
}

int patience(patience_call call, void *context, uint64_t seconds)
{
	struct patient *patient = calloc(1, sizeof(*patient));
	pthread_t thread;

	if (patient) {
		*patient = (struct patient){ .call = call, .context = context };
		open_lock(patient);
	}
	if (!patient || !start(patient, &thread)) {
		free(patient);
		call(context);
		return 0;
	}
	if (!wait_for(patient, seconds)) {
		(void)pthread_detach(thread); /* it has all of this still */
		return -ETIMEDOUT;
	}
	(void)pthread_join(thread, NULL); /* it is at its end */
	free(patient);
	return 0;
}
