/* SPDX-License-Identifier: MIT */
/*
 * A dump that is large enough for threads comes out in order, with holes where its zeros are,
 * whatever number of threads can be started, and up to the first fault and not beyond it.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#include "tests/unit/disk.h"
#include "tests/unit/temporary.h"

#include "store/dump.h"
#include "store/dump_parallel.h"
#include "tests/unit/dumps.h"

#define PAGE 4096
#define MIB  (1u << 20)

/* What the machine has, and how many threads it lets us start. */
static int cpus;
static int startable;
static int started;
static int decompressed;

int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*run)(void *), void *context);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*run)(void *), void *context);
size_t __wrap_ZSTD_decompressDCtx(ZSTD_DCtx *zstd, void *to, size_t room, const void *p,
				  size_t n);
size_t __real_ZSTD_decompressDCtx(ZSTD_DCtx *zstd, void *to, size_t room, const void *p,
				  size_t n);

int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	(void)pid;
	if (cpus < 0) {
		errno = EINVAL;
		return -1;
	}
	CPU_ZERO_S(size, set);
	for (int i = 0; i < cpus; i++)
		CPU_SET_S(i, size, set);
	return 0;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*run)(void *), void *context)
{
	if (started == startable)
		return EAGAIN;
	started++;
	return __real_pthread_create(thread, attributes, run, context);
}

size_t __wrap_ZSTD_decompressDCtx(ZSTD_DCtx *zstd, void *to, size_t room, const void *p,
				  size_t n)
{
	__atomic_add_fetch(&decompressed, 1, __ATOMIC_RELAXED);
	return __real_ZSTD_decompressDCtx(zstd, to, room, p, n);
}

static void machine(int with_cpus, int with_threads)
{
	cpus = with_cpus;
	startable = with_threads;
	started = 0;
	decompressed = 0;
}

/* The frames of a core: headers of an odd length, memory, one that is too large for a part. */
static const struct piece {
	size_t size;
	bool zero;
} pieces[] = {
	{ 6476, false }, { MIB, false },     { MIB, true },  { MIB, true },
	{ 1, false },	 { 3 * MIB, false }, { MIB, false }, { 4095, true },
	{ MIB, true },	 { 100000, false },  { MIB, false }, { PAGE, true },
	{ 700, true },	 { MIB, false },     { MIB, true },  { 12345, false },
};

#define PIECES ARRAY_SIZE(pieces)

static size_t core_size(void)
{
	size_t n = 0;

	for (size_t i = 0; i < PIECES; i++)
		n += pieces[i].size;
	return n;
}

/* Memory that says where it is, with pages of zeros here and there. */
static uint8_t *make_core(void)
{
	uint8_t *core = calloc(1, core_size());
	size_t at = 0;

	assert_non_null(core);
	for (size_t i = 0; i < PIECES; at += pieces[i++].size) {
		for (size_t j = 0; j < pieces[i].size && !pieces[i].zero; j++) {
			if ((at + j) / PAGE % 5 != 3)
				core[at + j] =
					(uint8_t)((at + j) / 3 * 2654435761u >> 21);
		}
	}
	return core;
}

/* *starts: of every piece, in the file and in the core. Frame 1 is the record. */
struct start {
	size_t file, core;
};

static void make_dump(const uint8_t *core, struct made *made, struct start *starts)
{
	char json[64];
	size_t at = 0;

	(void)snprintf(json, sizeof(json), "{\"size_dump\":%zu}", core_size());
	*made = (struct made){ 0 };
	made_text_record(made, json);
	for (size_t i = 0; i < PIECES; at += pieces[i++].size) {
		starts[i] = (struct start){ made->n, at };
		made_memory(made, core + at, pieces[i].size);
	}
	made_table(made);
}

static const struct machine_row {
	const char *name;
	int cpus, startable, started;
} machines[] = {
	{ "1 CPU", 1, 100, 1 },
	{ "2 CPUs", 2, 100, 2 },
	{ "5 CPUs", 5, 100, 5 },
	{ "more CPUs than the core is worth", 8, 100, 5 },
	{ "more CPUs than a set has", -1, 100, 5 },
	{ "no thread", 8, 0, 0 },
	{ "one thread", 8, 1, 1 },
	{ "three threads", 8, 3, 3 },
};

/* A core, the dump of it, and what came out of that the last time. */
struct trial {
	uint8_t *core;
	struct made made;
	struct start starts[PIECES];
	struct disk disk;
	struct dump_fault fault;
	pthread_t caller;
};

static void trial_init(struct trial *trial)
{
	*trial = (struct trial){ .core = make_core(), .caller = pthread_self() };
	make_dump(trial->core, &trial->made, trial->starts);
}

static void trial_done(struct trial *trial)
{
	free(trial->disk.bytes);
	made_done(&trial->made);
	free(trial->core);
}
#define _cleanup_trial_ _cleanup_(trial_done)

static int sink(void *context, const uint8_t *p, size_t n)
{
	struct trial *trial = context;

	assert_true(pthread_equal(pthread_self(), trial->caller));
	assert_true(n <= MIB);
	return disk_write(&trial->disk, p, n);
}

/* On a new disk that is full after stop_at bytes. */
static int extract(struct trial *trial, const struct machine_row *row, size_t stop_at)
{
	_cleanup_fd_ int fd = -1;
	_cleanup_dump_ struct dump *dump = NULL;
	const char *reason = "not set";
	void *directory = NULL;
	int r;

	machine(row->cpus, row->startable);
	free(trial->disk.bytes);
	trial->disk = (struct disk){ .bytes = malloc(core_size()),
				     .room = core_size(),
				     .stop_at = stop_at };
	assert_non_null(trial->disk.bytes);
	assert_int_equal(temporary_setup(&directory), 0);
	temporary_write(directory, "x.zst", trial->made.bytes, trial->made.n);
	fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(dump_open(fd, "x.zst", &dump), 0);
	r = dump_extract(dump, sink, trial, &reason);
	trial->fault = *dump_fault(dump);
	assert_ptr_equal(reason, trial->fault.reason);
	assert_int_equal(temporary_teardown(&directory), 0);
	return r;
}

static size_t zero_pages(const uint8_t *core)
{
	static const uint8_t zeros[PAGE];
	size_t n = 0;

	for (size_t at = 0; at + PAGE <= core_size(); at += PAGE)
		n += memcmp(core + at, zeros, PAGE) == 0;
	return n;
}

static void test_order(void **state)
{
	const struct machine_row *row = *state;
	_cleanup_trial_ struct trial t;

	trial_init(&t);
	assert_int_equal(extract(&t, row, SIZE_MAX), 0);
	assert_int_equal(started, row->started);
	assert_int_equal(t.disk.n, core_size());
	assert_memory_equal(t.disk.bytes, t.core, core_size());
	assert_int_equal(t.disk.holes, zero_pages(t.core) * PAGE);
	assert_null(t.fault.reason);
}

/* Each frame in turn. */
static void test_fault(void **state)
{
	_cleanup_trial_ struct trial t;

	trial_init(&t);
	for (size_t i = 0; i < PIECES; i++) {
		const struct start *start = &t.starts[i];
		size_t end = i + 1 < PIECES
				     ? start[1].file
				     : start->file + t.made.frames[i + 1].compressed;

		t.made.bytes[end - 1] ^= 1; /* its checksum */
		assert_int_equal(extract(&t, *state, SIZE_MAX), -EBADMSG);
		assert_string_equal(t.fault.reason,
				    "it is corrupted: a checksum is wrong");
		assert_int_equal(t.fault.frame, i + 2);
		assert_int_equal(t.fault.offset, start->file);
		if (pieces[i].size <= MIB) {
			assert_int_equal(t.disk.n, start->core / PAGE * PAGE);
		} else { /* its checksum is at its end */
			assert_true(t.disk.n >= start->core / PAGE * PAGE);
			assert_true(t.disk.n <= start->core + pieces[i].size);
		}
		assert_memory_equal(t.disk.bytes, t.core, t.disk.n);
		t.made.bytes[end - 1] ^= 1;
	}
}

/* The first of two is named, though the second may be found first. */
static void test_two_faults(void **state)
{
	_cleanup_trial_ struct trial t;

	trial_init(&t);
	t.made.bytes[t.starts[2].file - 1] ^= 1;
	t.made.bytes[t.starts[4].file] ^= 1; /* no frame at all: found at once */
	assert_int_equal(extract(&t, *state, SIZE_MAX), -EBADMSG);
	assert_string_equal(t.fault.reason, "it is corrupted: a checksum is wrong");
	assert_int_equal(t.fault.frame, 3);
	assert_int_equal(t.disk.n, t.starts[1].core / PAGE * PAGE);
}

/* The disk is full somewhere: its error comes back, no reason, and the sink is left alone. */
static void test_short_output(void **state)
{
	static const size_t stops[] = { 0, 4096, 6 * 4096, MIB, 5 * MIB, 11 * MIB };
	_cleanup_trial_ struct trial t;

	trial_init(&t);
	for (size_t i = 0; i < ARRAY_SIZE(stops); i++) {
		assert_int_equal(extract(&t, *state, stops[i]), -ENOSPC);
		assert_null(t.fault.reason);
		assert_int_equal(t.fault.frame, 0);
		assert_true(t.disk.n <= stops[i]);
		assert_memory_equal(t.disk.bytes, t.core, t.disk.n);
	}
}

/* A frame gives less, or more, than the table says. */
static void test_size_lies(void **state)
{
	static const struct {
		int lie;
		const char *reason;
	} lies[] = {
		{ -1, "a frame is longer than the seek table says" },
		{ 1, "a frame ends before the seek table says so" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		_cleanup_trial_ struct trial t;
		struct made *made = &t.made;

		trial_init(&t);
		made->n -= FRAME_SKIPPABLE_HEADER + FRAME_SEEK_FOOTER +
			   made->count * FRAME_SEEK_ENTRY;
		made->frames[1].size =
			(uint32_t)((int)made->frames[1].size + lies[i].lie);
		made->frames[2].size =
			(uint32_t)((int)made->frames[2].size - lies[i].lie);
		made_table(made);
		assert_int_equal(extract(&t, *state, SIZE_MAX), -EBADMSG);
		assert_int_equal(t.fault.frame, 2);
		assert_string_equal(t.fault.reason, lies[i].reason);
		assert_int_equal(t.disk.n, 0);
	}
}

#define ZERO_FRAMES 29

static void make_reserve(struct made *made)
{
	_cleanup_free_ uint8_t *zeros = calloc(1, MIB);
	char json[64];

	assert_non_null(zeros);
	(void)snprintf(json, sizeof(json), "{\"size_dump\":%u}", ZERO_FRAMES * MIB);
	*made = (struct made){ 0 };
	made_text_record(made, json);
	for (size_t i = 0; i < ZERO_FRAMES; i++)
		made_memory(made, zeros, MIB);
	made_table(made);
}

static int count(void *context, const uint8_t *p, size_t n)
{
	assert_null(p);
	*(size_t *)context += n;
	return 0;
}

/* Of many equal frames of zeros only those that were on their way are decompressed. */
static void test_known_zeros(void **state)
{
	_cleanup_made_ struct made made;
	_cleanup_fd_ int fd = open(*state, O_PATH | O_DIRECTORY | O_CLOEXEC);

	make_reserve(&made);
	/* Whole, then with the last one broken: equal in length, and not equal. */
	for (int broken = 0; broken < 2; broken++) {
		_cleanup_dump_ struct dump *dump = NULL;
		size_t n = 0;

		made.bytes[made.n - FRAME_SKIPPABLE_HEADER - FRAME_SEEK_FOOTER -
			   made.count * FRAME_SEEK_ENTRY - 1] ^= (uint8_t)broken;
		temporary_write(*state, "x.zst", made.bytes, made.n);
		assert_int_equal(dump_open(fd, "x.zst", &dump), 0);
		machine(2, 100);
		assert_int_equal(dump_extract(dump, count, &n, NULL),
				 broken ? -EBADMSG : 0);
		assert_int_equal(n, (ZERO_FRAMES - broken) * (size_t)MIB);
		assert_int_equal(dump_fault(dump)->frame, broken ? 1 + ZERO_FRAMES : 0);
		assert_true(decompressed > 0 && decompressed <= 5 + broken);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_known_zeros, temporary_setup,
						temporary_teardown),
	};

	return cmocka_run_group_tests_name("parallel", tests, NULL, NULL) +
	       RUN_TABLE(machines, test_order) + RUN_TABLE(machines, test_fault) +
	       RUN_TABLE(machines, test_two_faults) +
	       RUN_TABLE(machines, test_short_output) +
	       RUN_TABLE(machines, test_size_lies);
}
