/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "dumpctl/memory_load.h"
#include "dumpctl/reader_answer.h"
#include "dumpctl/reader_child.h"
#include "dumpctl/reader_core.h"
#include "dumpctl/reader_output.h"
#include "dumpctl/refilter_run.h"
#include "dumpctl/verify_dump.h"
#include "handler/isolate.h"
#include "store/dump.h"
#include "store/memory_map.h"

/* Between two words of how far it has come. */
#define PROGRESS_USEC 100000

/*
 * What one dump took the next one takes again: given back to the kernel in between, each page would be cleared anew.
 * Larger pieces, a giant's headers, are given back.
 */
#define KEPT	  (16 << 20)
#define KEPT_PART (8 << 20)

_Static_assert(sizeof(struct report) <= READER_BYTES, "a report is one message");

static int open_dump(int *fd, struct dump **ret)
{
	int taken = TAKE_FD(*fd);

	return taken < 0 ? -EBADF : dump_read(taken, ret);
}

static void put_record(struct reader_answer *answer, int *fd)
{
	_cleanup_dump_ struct dump *dump = NULL;
	_cleanup_record_ struct record record;
	const char *reason = NULL;
	int check = 0, r = open_dump(fd, &dump);

	record_init(&record);
	if (r == 0)
		dump_take_record(dump, &record, &check, &reason);
	reader_answer_put_result(answer, r, reason);
	reader_put_number(answer->message, check);
	if (r == 0)
		reader_put_record(answer->message, &record);
}

/* A record has 16 KiB, and its numbers. */
#define RECORDS_FULL (READER_BYTES / 2)

static void answer_records(struct reader_answer *answer)
{
	reader_answer_begin(answer, READER_ANSWER);
	for (size_t i = 0; i < READER_FDS && answer->fds[i] >= 0; i++) {
		if (answer->message->n > RECORDS_FULL) {
			reader_answer_send(answer);
			reader_answer_begin(answer, READER_ANSWER);
		}
		put_record(answer, &answer->fds[i]);
	}
}

static void put_fault(struct reader_answer *answer, const struct dump_fault *fault)
{
	reader_put_number(answer->message, fault->frame);
	reader_put_number(answer->message,
			  (int64_t)fault->offset); /* below a file's size */
}

static void verify_one(struct reader_answer *answer, int *fd, int64_t size_file)
{
	struct verify_finding finding = { .damaged = false };
	_cleanup_dump_ struct dump *dump = NULL;
	int r = open_dump(fd, &dump);

	if (r == 0)
		r = verify_dump(dump, size_file, &finding);
	reader_answer_result(answer, r, finding.reason);
	reader_put_number(answer->message, finding.damaged);
	reader_put_number(answer->message, finding.cut);
	put_fault(answer, &finding.fault);
	reader_put_text(answer->message, dump ? dump_record(dump)->id : NULL);
}

/* Each has an answer of its own, as soon as it is known: what comes in its place tells at which one this died. */
static void answer_verify(struct reader_answer *answer)
{
	struct reader_rest rest = reader_rest_of(answer->message);
	int64_t sizes[READER_FDS];

	for (size_t i = 0; i < READER_FDS; i++)
		sizes[i] = reader_take_number(&rest);
	for (size_t i = 0; i < READER_FDS && answer->fds[i] >= 0; i++) {
		if (i > 0)
			reader_answer_send(answer);
		verify_one(answer, &answer->fds[i], sizes[i]);
	}
}

/* Bytes that are out. */
static int tell_progress(void *context, uint64_t done)
{
	struct reader_answer *answer = context;

	reader_answer_begin(answer, READER_PROGRESS);
	reader_put_number(answer->message, (int64_t)done); /* below 2^63: record */
	reader_answer_send(answer);
	return 0;
}

static void answer_extract(struct reader_answer *answer)
{
	struct reader_rest rest = reader_rest_of(answer->message);
	struct reader_output output = {
		.fd = answer->fds[1],
		.sparse = reader_take_number(&rest) != 0,
		.progress = tell_progress,
		.context = answer,
		.step = PROGRESS_USEC,
	};
	_cleanup_dump_ struct dump *dump = NULL;
	struct dump_fault fault = { 0 };
	const char *reason = NULL;
	int r = open_dump(&answer->fds[0], &dump);

	if (r == 0) {
		r = dump_extract(dump, reader_output_take, &output, &reason);
		fault = *dump_fault(dump);
	}
	if (r == 0)
		r = output.error = reader_output_end(&output);
	reader_answer_result(answer, r, reason);
	reader_put_number(answer->message, output.error);
	put_fault(answer, &fault);
}

/* A range, or more of them, is one message: below it another one always fits. */
#define RANGES_FULL (READER_BYTES - 2 * UINT16_MAX / 3)

static void put_range(struct reader_answer *answer, const struct memory_map *map,
		      const struct memory_map_entry *entry)
{
	struct reader_message *message = answer->message;

	reader_put_number(message, (int64_t)entry->start);
	reader_put_number(message, (int64_t)entry->end);
	reader_put_number(message, entry->flags);
	reader_put_text(message, memory_map_fate(map, entry));
	reader_put_text(message, memory_map_rank(map, entry));
	reader_put_text(message, memory_map_name(map, entry));
}

static void send_ranges(struct reader_answer *answer, const struct memory_map *map)
{
	reader_answer_begin(answer, READER_RANGES);
	for (size_t i = 0; i < map->count; i++) {
		put_range(answer, map, &map->entries[i]);
		if (answer->message->n < RANGES_FULL && i + 1 < map->count)
			continue;
		reader_answer_send(answer);
		reader_answer_begin(answer, READER_RANGES);
	}
}

static void answer_memory(struct reader_answer *answer)
{
	_cleanup_memory_map_ struct memory_map map = { 0 };
	_cleanup_dump_ struct dump *dump = NULL;
	const char *reason = NULL;
	bool derived = false;
	int r = open_dump(&answer->fds[0], &dump);

	if (r == 0)
		r = memory_load(dump, &map, &derived, &reason);
	if (r == 0)
		send_ranges(answer, &map);
	reader_answer_result(answer, r, r < 0 ? reason : NULL);
	reader_put_number(answer->message, derived);
}

static void send_report(struct reader_answer *answer, const struct report *report)
{
	reader_answer_begin(answer, READER_REPORT);
	memcpy(answer->message->bytes, report, sizeof(*report));
	answer->message->n = sizeof(*report);
	reader_answer_send(answer);
}

static int refilter(struct reader_answer *answer, struct refilter_in *in, int type,
		    const char **ret_reason)
{
	const struct refilter_job job = {
		.in = in,
		.config = answer->config,
		.type = type,
		.file_fd = answer->fds[1],
	};
	_cleanup_memory_map_ struct memory_map map = { 0 };
	_cleanup_free_ struct report *report = calloc(1, sizeof(*report));
	struct settings settings;
	int r;

	*ret_reason = "there is no memory to read it";
	if (!report)
		return -ENOMEM;
	*ret_reason = NULL;
	r = refilter_run(&job, &settings, &map, report);
	if (r < 0)
		report->size_header = 0; /* there is no dump that would have one */
	send_report(answer, report);
	if (r == 0)
		send_ranges(answer, &map);
	return r;
}

static void answer_refilter(struct reader_answer *answer)
{
	struct reader_rest rest = reader_rest_of(answer->message);
	bool is_dump = reader_take_number(&rest) != 0;
	int type = (int)reader_take_number(&rest);
	uint64_t size = (uint64_t)reader_take_number(&rest);
	const char *reason = NULL;
	struct refilter_in in;
	int r;

	r = is_dump ? refilter_in_dump(TAKE_FD(answer->fds[0]), &in, &reason)
		    : refilter_in_core(TAKE_FD(answer->fds[0]), size, &in);
	if (r == 0)
		r = refilter(answer, &in, type, &reason);
	refilter_in_close(&in);
	reader_answer_result(answer, r, reason);
}

static void answer_one(struct reader_answer *answer)
{
	static void (*const answers[])(struct reader_answer *) = {
		[READER_RECORDS] = answer_records,
		[READER_VERIFY] = answer_verify,
		[READER_EXTRACT] = answer_extract,
		[READER_MEMORY] = answer_memory,
		[READER_REFILTER] = answer_refilter,
		[READER_CORE] = reader_core,
		[READER_PAGE] = reader_core_page,
		[READER_HIDE] = reader_core_hide,
		[READER_AS_STARTED] = reader_core_as_started,
		[READER_BUILD_ID] = reader_core_build_id,
	};
	uint32_t kind = answer->message->kind;

	if (kind >= ARRAY_SIZE(answers) || !answers[kind])
		_exit(1);
	answers[kind](answer);
	reader_answer_send(answer);
}

static void *nothing(void *context)
{
	return context;
}

/* What libraries do once, and what the filter forbids, is done now. */
static void prepare(void)
{
	pthread_t thread;

	/* an arena of a thread that gets smaller has the C library open a file of /proc */
	(void)mallopt(M_ARENA_MAX, 1); /* cannot fail */
	(void)mallopt(M_TRIM_THRESHOLD, KEPT); /* it is faster, if it can */
	(void)mallopt(M_MMAP_THRESHOLD, KEPT_PART); /* likewise */
	json_object_seed(0); /* of random numbers: opens /dev/urandom */
	if (pthread_create(&thread, NULL, nothing, NULL) ==
	    0) /* takes a signal for itself */
		(void)pthread_join(thread, NULL); /* it can be joined */
}

_Noreturn void reader_child(int socket, const struct config *config)
{
	struct reader_answer child = { .socket = ISOLATE_REPORT, .config = config };
	int r;

	prepare();
	child.message = malloc(sizeof(*child.message));
	r = isolate_dump_reader(socket);
	if (!child.message)
		_exit(1);
	reader_answer_begin(&child, READER_READY);
	reader_put_number(child.message, r);
	reader_answer_send(&child);
	while (r == 0 &&
	       reader_link_receive(child.socket, -1, child.message, child.fds) == 1) {
		answer_one(&child);
		for (size_t i = 0; i < READER_FDS; i++)
			cleanup_fd(&child.fds[i]);
	}
	_exit(0);
}
