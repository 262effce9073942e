/* SPDX-License-Identifier: MIT */
/*
 * hints_threads THREADS ROUNDS: each thread has a secret that is replaced all the time and never
 * uncovered, and says and takes back other things. ROUNDS 0: until it is killed. Every hint tells
 * the same number in its length, priority and tag, so that a mixture of two is seen.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <dumpd-hints.h>

#define THREADS_MAX 64
#define OTHERS	    6

static char memory[THREADS_MAX][2][256];
static long rounds;
static pthread_barrier_t all_ready;

static struct dumpd_hint make(uint8_t kind, const char *p, unsigned int n)
{
	char tag[4] = { (char)('a' + n / 26), (char)('a' + n % 26), 'x', '\0' };
	struct dumpd_hint hint = dumpd_keep(p, n, (uint8_t)n, tag);

	hint.kind = kind;
	return hint;
}

static void stop(const char *what, int thread, dumpd_hint_id id)
{
	fprintf(stderr, "%s: %lld, thread %d\n", what, (long long)id, thread);
	exit(1);
}

static void *run(void *argument)
{
	const int thread = (int)(intptr_t)argument;
	char *secret = memory[thread][0], *other = memory[thread][1];
	dumpd_hint_id id = dumpd_hints_add(make(DUMPD_HINT_SECRET, secret, 1));

	if (id <= 0)
		stop("the first one", thread, id);
	pthread_barrier_wait(&all_ready);
	for (unsigned int n = 1; rounds == 0 || n <= rounds; n++) {
		dumpd_hint_id others[OTHERS];

		for (unsigned int i = 0; i < OTHERS; i++) {
			others[i] = dumpd_hints_add(
				make(DUMPD_HINT_KEEP, other, 1 + (n + i) % 200));
			if (others[i] <= 0)
				stop("add", thread, others[i]);
			id = dumpd_hints_replace(
				id, make(DUMPD_HINT_SECRET, secret, 1 + (n + i) % 200));
			if (id <= 0)
				stop("replace", thread, id);
		}
		for (unsigned int i = 0; i < OTHERS; i++) {
			int r = dumpd_hints_remove(others[(i + n) % OTHERS]);

			if (r < 0)
				stop("remove", thread, r);
		}
	}
	if (dumpd_hints_remove(id) < 0)
		stop("the last one", thread, id);
	return NULL;
}

/* At random instructions, in whichever thread. */
static void on_alarm(int signal)
{
	dumpd_hint_id id = dumpd_hints_add(make(DUMPD_HINT_DROP, memory[0][1], 7));

	if (id <= 0 || dumpd_hints_remove(id) < 0)
		_exit(3);
	(void)signal;
}

static long left_over(void)
{
	const struct dumpd_hint *entries =
		(const struct dumpd_hint *)(const void *)(dumpd_hints_table_1 + 1);
	long count = 0;

	for (uint32_t i = 0; i < dumpd_hints_table_1->capacity; i++)
		count += (entries[i].state & 0xff) != DUMPD_HINTS_FREE;
	return count;
}

int main(int argc, char **argv)
{
	const int threads = argc > 1 ? atoi(argv[1]) : 4;
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval often = { { 0, 200 }, { 0, 200 } };
	pthread_t thread[THREADS_MAX];

	rounds = argc > 2 ? atol(argv[2]) : 1000;
	if (threads < 1 || threads > THREADS_MAX)
		return 2;
	printf("memory 0x%llx\n", (unsigned long long)(uintptr_t)memory);
	pthread_barrier_init(&all_ready, NULL, (unsigned int)threads + 1);
	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, run, (void *)(intptr_t)i) != 0)
			return 2;
	pthread_barrier_wait(&all_ready);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	puts("ready");
	fflush(stdout);
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	memset(&often, 0, sizeof(often));
	setitimer(ITIMER_REAL, &often, NULL);
	if (left_over() != 0)
		stop("left over", -1, left_over());
	return 0;
}
