/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "base/io.h"
#include "base/processors.h"
#include "store/dump_frame.h"
#include "store/dump_parallel.h"

/*
 * Parts on their way: what a thread is at and what it has done and waits to be written. With
 * fewer, threads wait for the writer; with more nothing is faster, and what is written has
 * left the processor's cache by then.
 */
#define PARTS_PER_THREAD 2

/* To start a thread costs as much as to decompress a tenth of this. */
#define BYTES_PER_THREAD (2u << 20)

/* zstd needs a few KiB, and its tables are not on the stack. */
#define STACK_SIZE (256ul << 10)

#define INPUT_SIZE ZSTD_COMPRESSBOUND(FRAME_MEMORY_MAX)

struct worker {
	struct dump_parallel *parallel;
	pthread_t thread;
	ZSTD_DCtx *context;
	uint8_t *input; /* INPUT_SIZE bytes */
};

struct slot {
	struct dump_part part;
	bool done;
};

struct dump_parallel {
	int fd;
	size_t threads; /* that run: workers[0 .. threads) */
	size_t room; /* slots */
	struct worker workers[DUMP_PARALLEL_THREADS_MAX];
	struct slot *slots; /* part n is in slots[n % room] */
	uint64_t dropped; /* parts so far; the caller's alone */
	pthread_mutex_t mutex; /* for what follows, and `done` of the slots */
	pthread_cond_t work, done;
	uint64_t submitted, claimed; /* parts so far; only the caller changes the first */
	bool stop;
};

size_t dump_parallel_threads(uint64_t size)
{
	uint64_t n = size / BYTES_PER_THREAD;
	uint64_t cpus = processors_count(DUMP_PARALLEL_THREADS_MAX);

	if (n > cpus)
		n = cpus;
	return n < DUMP_PARALLEL_THREADS_MAX ? (size_t)n : DUMP_PARALLEL_THREADS_MAX;
}

/* A plain mutex that exists can be locked and unlocked. */
static void lock(struct dump_parallel *parallel)
{
	(void)pthread_mutex_lock(&parallel->mutex);
}

static void unlock(struct dump_parallel *parallel)
{
	(void)pthread_mutex_unlock(&parallel->mutex);
}

static int refuse(struct dump_part *part, int error, const char *reason)
{
	part->reason = reason;
	return error;
}

static int read_part(const struct worker *worker, struct dump_part *part)
{
	size_t n = part->frame.compressed;
	ssize_t got =
		io_pread_full(worker->parallel->fd, worker->input, n, part->frame.offset);

	if (got < 0)
		return refuse(part, (int)got, "it cannot be read");
	if ((size_t)got != n)
		return refuse(part, -ENODATA, "it was cut while it was read");
	if (n <= sizeof(part->compressed))
		memcpy(part->compressed, worker->input, n);
	return 0;
}

static bool all_zero(const uint8_t *p, size_t n)
{
	return n > 0 && p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

static void work_on(struct worker *worker, struct dump_part *part)
{
	size_t n = part->frame.size;

	part->error = read_part(worker, part);
	if (part->error == 0)
		part->error = dump_frame_decompress(worker->context, worker->input,
						    part->frame.compressed, part->bytes,
						    n, &part->reason);
	if (part->error < 0)
		return;
	dump_output_scan(part->bytes, n, part->start, part->zero);
	part->is_zero = all_zero(part->bytes, n);
}

/* The next one that nobody is at, NULL at the end. Called and returns with the lock. */
static struct slot *claim(struct dump_parallel *parallel)
{
	while (!parallel->stop && parallel->claimed == parallel->submitted)
		(void)pthread_cond_wait(&parallel->work, &parallel->mutex);
	if (parallel->stop)
		return NULL;
	return &parallel->slots[parallel->claimed++ % parallel->room];
}

static void *run(void *context)
{
	struct worker *worker = context;
	struct dump_parallel *parallel = worker->parallel;
	struct slot *slot;

	lock(parallel);
	while ((slot = claim(parallel))) {
		unlock(parallel);
		work_on(worker, &slot->part);
		lock(parallel);
		slot->done = true;
		(void)pthread_cond_signal(&parallel->done); /* it cannot fail */
	}
	unlock(parallel);
	return NULL;
}

static int worker_init(struct worker *worker, struct dump_parallel *parallel)
{
	worker->parallel = parallel;
	worker->context = ZSTD_createDCtx();
	worker->input = malloc(INPUT_SIZE);
	return worker->context && worker->input ? 0 : -ENOMEM;
}

static void worker_done(struct worker *worker)
{
	ZSTD_freeDCtx(worker->context);
	free(worker->input);
}

/* Return: 0 or -ENOMEM: of all rooms, for threads shall not wait for memory. */
static int make_room(struct dump_parallel *parallel)
{
	parallel->room = parallel->threads > 0 ? PARTS_PER_THREAD * parallel->threads : 1;
	parallel->slots = calloc(parallel->room, sizeof(*parallel->slots));
	if (!parallel->slots)
		return -ENOMEM;
	for (size_t i = 0; i < parallel->room; i++) {
		parallel->slots[i].part.bytes = malloc(FRAME_MEMORY_MAX);
		if (!parallel->slots[i].part.bytes)
			return -ENOMEM;
	}
	return 0;
}

/* Return: 0, or an error of one that cannot be started (EAGAIN: RLIMIT_NPROC, a cgroup). */
static int start_one(struct worker *worker)
{
	pthread_attr_t attributes;
	int r = pthread_attr_init(&attributes);

	if (r != 0)
		return r;
	(void)pthread_attr_setstacksize(&attributes,
					STACK_SIZE); /* the default is more */
	r = pthread_create(&worker->thread, &attributes, run, worker);
	(void)pthread_attr_destroy(&attributes); /* it cannot fail */
	return r;
}

/* Signals are blocked while threads start: they inherit it. */
static void start(struct dump_parallel *parallel, size_t threads)
{
	sigset_t all, before;

	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all,
			      &before); /* cannot fail with a valid set */
	while (parallel->threads < threads) {
		struct worker *worker = &parallel->workers[parallel->threads];

		/* The first one's memory is there, it does the work where no thread is. */
		if ((parallel->threads > 0 && worker_init(worker, parallel) < 0) ||
		    start_one(worker) != 0) {
			if (parallel->threads > 0)
				worker_done(worker);
			break;
		}
		parallel->threads++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int dump_parallel_open(int fd, size_t threads, struct dump_parallel **ret)
{
	struct dump_parallel *parallel = calloc(1, sizeof(*parallel));
	int r;

	if (!parallel)
		return -ENOMEM;
	parallel->fd = fd;
	/* Without attributes these two cannot fail. */
	(void)pthread_mutex_init(&parallel->mutex, NULL);
	(void)pthread_cond_init(&parallel->work, NULL);
	(void)pthread_cond_init(&parallel->done, NULL);
	r = worker_init(&parallel->workers[0], parallel);
	if (r == 0) {
		start(parallel, threads < DUMP_PARALLEL_THREADS_MAX
					? threads
					: DUMP_PARALLEL_THREADS_MAX);
		r = make_room(parallel);
	}
	if (r < 0) {
		dump_parallel_close(parallel);
		return r;
	}
	*ret = parallel;
	return 0;
}

void dump_parallel_close(struct dump_parallel *parallel)
{
	if (!parallel)
		return;
	lock(parallel);
	parallel->stop = true;
	(void)pthread_cond_broadcast(&parallel->work); /* it cannot fail */
	unlock(parallel);
	for (size_t i = 0; i < parallel->threads; i++)
		(void)pthread_join(parallel->workers[i].thread, NULL); /* it runs */
	for (size_t i = 0; i < parallel->threads || i == 0; i++)
		worker_done(&parallel->workers[i]);
	for (size_t i = 0; parallel->slots && i < parallel->room; i++)
		free(parallel->slots[i].part.bytes);
	free(parallel->slots);
	(void)pthread_cond_destroy(&parallel->done); /* nobody waits */
	(void)pthread_cond_destroy(&parallel->work);
	(void)pthread_mutex_destroy(&parallel->mutex);
	free(parallel);
}

bool dump_parallel_fits(const struct seek_frame *frame)
{
	return frame->size <= FRAME_MEMORY_MAX && frame->compressed <= INPUT_SIZE;
}

bool dump_parallel_empty(const struct dump_parallel *parallel)
{
	return parallel->submitted == parallel->dropped;
}

bool dump_parallel_full(const struct dump_parallel *parallel)
{
	return parallel->submitted - parallel->dropped == parallel->room;
}

void dump_parallel_submit(struct dump_parallel *parallel, const struct dump_part *part)
{
	struct slot *slot = &parallel->slots[parallel->submitted % parallel->room];

	slot->done = false;
	slot->part.frame = part->frame;
	slot->part.number = part->number;
	slot->part.start = part->start;
	slot->part.zeros = part->zeros;
	slot->part.reason = NULL;
	slot->part.is_zero = false;
	lock(parallel);
	parallel->submitted++;
	(void)pthread_cond_signal(&parallel->work); /* it cannot fail */
	unlock(parallel);
}

const struct dump_part *dump_parallel_first(struct dump_parallel *parallel)
{
	struct slot *slot = &parallel->slots[parallel->dropped % parallel->room];

	if (parallel->threads == 0) {
		work_on(&parallel->workers[0], &slot->part);
		return &slot->part;
	}
	lock(parallel);
	while (!slot->done)
		(void)pthread_cond_wait(&parallel->done, &parallel->mutex);
	unlock(parallel);
	return &slot->part;
}

void dump_parallel_drop(struct dump_parallel *parallel)
{
	parallel->dropped++;
}
