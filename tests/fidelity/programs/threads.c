/* SPDX-License-Identifier: MIT */
/*
 * threads N: N threads that wait some calls deep, each with thread-local data of all three
 * kinds and with memory of its own; the last one crashes.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS_MAX 4096

struct job {
	struct job *next;
	char *name;
	uint64_t input[8];
	struct result {
		double value;
		const char *unit;
	} * result;
};

struct worker {
	pthread_t thread;
	int number;
	struct job *jobs;
	struct worker *neighbour;
};

struct local_state {
	int number;
	struct worker *self;
	char text[24];
};

static __thread struct local_state state = { .number = -1, .text = "of the link" };
static __thread char scratch[100];
__thread int plain_number = 7;
static pthread_key_t key;
static pthread_barrier_t started;
static pthread_mutex_t forever = PTHREAD_MUTEX_INITIALIZER;
static struct worker workers[THREADS_MAX];
static int count;
volatile int never;

#define DISTINCT __attribute__((noinline, noclone))

static void *must(void *memory)
{
	if (!memory)
		_exit(9);
	return memory;
}

static struct job *make_jobs(int number)
{
	struct job *first = NULL;

	for (int i = 0; i < 10; i++) {
		struct job *job = must(calloc(1, sizeof(*job)));

		job->next = first;
		job->result = must(malloc(sizeof(*job->result)));
		job->result->value = number * 1.5 + i;
		job->result->unit = i % 2 ? "seconds" : "bytes";
		if (asprintf(&job->name, "job %d of worker %d", i, number) < 0)
			_exit(9);
		job->input[i % 8] = (uint64_t)number << i;
		first = job;
	}
	return first;
}

DISTINCT static void wait_or_crash(struct worker *self, const struct job *job)
{
	char copy[64];

	snprintf(copy, sizeof(copy), "%s on %d", job->name, self->number);
	pthread_barrier_wait(&started);
	if (self->number == count - 1) {
		usleep(200000); /* the others are in their last wait by then */
		*(volatile int *)8 = copy[0];
	}
	pthread_mutex_lock(&forever);
	never = copy[1];
}

DISTINCT static int descend(struct worker *self, const struct job *job, int depth)
{
	struct result mine = { .value = depth, .unit = job->name };
	const struct job *following = job->next ? job->next : self->jobs;

	plain_number = depth;
	if (depth > 0)
		return descend(self, following, depth - 1) + (int)mine.value;
	wait_or_crash(self, following);
	return never;
}

static void *work(void *argument)
{
	struct worker *self = argument;
	char *mine = NULL;

	state.number = self->number;
	state.self = self;
	snprintf(state.text, sizeof(state.text), "worker %d", self->number);
	snprintf(scratch, sizeof(scratch), "scratch of %d", self->number);
	if (asprintf(&mine, "specific to %d", self->number) < 0 ||
	    pthread_setspecific(key, mine))
		_exit(9);
	self->jobs = make_jobs(self->number);
	descend(self, self->jobs, self->number % 7);
	return mine;
}

int main(int argc, char **argv)
{
	count = argc > 1 ? atoi(argv[1]) : 200;
	if (count < 1 || count > THREADS_MAX || pthread_key_create(&key, free) ||
	    pthread_barrier_init(&started, NULL, (unsigned)count))
		return 9;
	pthread_mutex_lock(&forever);
	for (int i = 0; i < count; i++) {
		workers[i].number = i;
		workers[i].neighbour = &workers[(i + 1) % count];
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			return 9;
	}
	for (int i = 0; i < count; i++)
		pthread_join(workers[i].thread, NULL);
	return 0;
}
