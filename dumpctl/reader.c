/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dumpctl/reader.h"
#include "dumpctl/reader_child.h"

/* For a record: 16 KiB and a seek table, of a disk that may be slow. */
#define RECORD_WAIT 60000 /* ms */

/* For what takes as long as the dump is large: how often it is asked whether to go on. */
#define STEP 200 /* ms */

void reader_init(struct reader *reader, const char *verb)
{
	*reader = (struct reader){ .verb = verb, .socket = -1 };
}

/* Return: as of waitpid(2). It has nothing that it would have to finish. */
static int end_child(struct reader *reader)
{
	int status = 0;

	cleanup_fd(&reader->socket);
	reader->socket = -1;
	if (reader->child <= 0)
		return 0;
	(void)kill(reader->child, SIGKILL); /* if it has not ended */
	while (waitpid(reader->child, &status, 0) < 0 && errno == EINTR)
		;
	reader->child = 0;
	return status;
}

void reader_done(struct reader *reader)
{
	(void)end_child(reader); /* how does not matter any more */
	free(TAKE_PTR(reader->message));
}

/* What it said cannot be, or it said nothing any more. A child that dies has closed its end. */
static int died(struct reader *reader, const char *why)
{
	/* a signal that is on its way comes before ours */
	int status = end_child(reader);

	if (!why && WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		(void)snprintf(reader->reason, sizeof(reader->reason),
			       "who read it died of SIG%s: it may be made for that",
			       sigabbrev_np(WTERMSIG(status)));
	else
		(void)snprintf(reader->reason, sizeof(reader->reason), "who read it %s",
			       why		   ? why
			       : WIFEXITED(status) ? "ended too early"
						   : "was killed");
	return READER_DIED;
}

static int nonsense(struct reader *reader)
{
	return died(reader, "said what cannot be: it may be made for that");
}

/* Return: 0: it is in reader->message; -ETIMEDOUT: not yet; READER_DIED. */
static int next_message(struct reader *reader, int wait)
{
	int r = reader_link_receive(reader->socket, wait, reader->message, NULL);

	if (r == 1)
		return 0;
	if (r == -ETIMEDOUT)
		return r;
	return r == -EBADMSG ? nonsense(reader) : died(reader, NULL);
}

/* It is confined, or could not be. */
static int receive_ready(struct reader *reader)
{
	struct reader_rest rest;
	int r = next_message(reader, RECORD_WAIT);

	if (r < 0)
		return r;
	rest = reader_rest_of(reader->message);
	r = (int)reader_take_number(&rest);
	return reader->message->kind == READER_READY && !rest.bad && r <= 0 ? r : -EPROTO;
}

static int fork_child(struct reader *reader)
{
	int ends[2], r = reader_link_open(ends);

	if (r < 0)
		return r;
	(void)fflush(NULL); /* or the child would have it, too */
	reader->child = fork();
	r = reader->child < 0 ? -errno : 0;
	if (reader->child == 0)
		reader_child(ends[1], reader->config);
	(void)close(ends[1]); /* the child's */
	reader->socket = ends[0];
	return r;
}

/* Return: 0 or negative errno after a message. */
static int ensure_child(struct reader *reader)
{
	int r = 0;

	reader->reason[0] = '\0';
	if (reader->socket >= 0)
		return 0;
	if (!reader->message)
		reader->message = malloc(sizeof(*reader->message));
	if (!reader->message)
		return -ENOMEM;
	r = fork_child(reader);
	if (r == 0)
		r = receive_ready(reader);
	if (r == 0)
		return 0;
	(void)end_child(reader); /* it has read nothing */
	fprintf(stderr, "dumpctl %s: nobody can be confined to read dumps: %s\n",
		reader->verb, strerror(-r));
	return r;
}

static void ask(struct reader *reader, enum reader_kind kind)
{
	reader->message->kind = kind;
	reader->message->n = 0;
}

/* out: -1: nothing is written. Return: 0 or READER_DIED. */
static int send_question(struct reader *reader, int fd, int out)
{
	const int fds[] = { fd, out };
	int r = reader_link_send(reader->socket, reader->message, fds, out < 0 ? 1 : 2);

	return r < 0 ? died(reader, NULL) : 0;
}

/* The first words of an answer. Return: 0, or what it says; or READER_DIED. */
static int take_result(struct reader *reader, struct reader_rest *rest)
{
	int r = (int)reader_take_number(rest);

	reader_take_words(rest, reader->reason, sizeof(reader->reason));
	if (rest->bad || r > 0 || r < -4095)
		return nonsense(reader);
	if (r != READER_DIED && r != -ENOMEM)
		return r;
	(void)snprintf(reader->reason, sizeof(reader->reason),
		       "there is not enough memory to read it");
	return -ENOBUFS; /* of that process, about this dump */
}

static int take_answer(struct reader *reader, struct reader_rest *ret)
{
	*ret = reader_rest_of(reader->message);
	return reader->message->kind == READER_ANSWER ? take_result(reader, ret)
						      : nonsense(reader);
}

/* Return: 0, the file's error may say more; READER_DIED; -ENOMEM. */
static int take_record(struct reader *reader, struct reader_rest *rest,
		       struct index_file *file)
{
	int r;

	file->error = take_result(reader, rest);
	memcpy(file->reason, reader->reason, sizeof(file->reason));
	if (file->error == READER_DIED)
		return READER_DIED;
	file->check = (int)reader_take_number(rest);
	r = file->error == 0 ? reader_take_record(rest, &file->record) : 0;
	if (r == -ENOMEM)
		return r;
	return r < 0 || rest->bad || file->check > 0 ? nonsense(reader) : 0;
}
_Static_assert(sizeof(((struct index_file *)NULL)->reason) == READER_REASON,
	       "a reason is copied");

/* As many as are in one message. Return: as take_record(). */
static int take_records(struct reader *reader, struct index_file *files, size_t n,
			size_t *ret_taken)
{
	struct reader_rest rest = reader_rest_of(reader->message);
	int r = 0;

	*ret_taken = 0;
	if (reader->message->kind != READER_ANSWER || rest.n == 0)
		return nonsense(reader);
	while (r == 0 && rest.n > 0 && *ret_taken < n) {
		r = take_record(reader, &rest, &files[*ret_taken]);
		*ret_taken += r == 0;
	}
	return r;
}

/* Return: 0: all; READER_DIED: at files[*ret_read], or, if there were several, at one from there on; negative errno. */
static int read_some(struct reader *reader, struct index_file *files, size_t n,
		     size_t *ret_read)
{
	int fds[INDEX_FILES];
	int r = ensure_child(reader);

	*ret_read = 0;
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		fds[i] = files[i].fd;
	ask(reader, READER_RECORDS);
	if (reader_link_send(reader->socket, reader->message, fds, n) < 0)
		return died(reader, NULL);
	while (r == 0 && *ret_read < n) {
		size_t taken = 0;

		r = next_message(reader, RECORD_WAIT);
		if (r == -ETIMEDOUT)
			return died(reader, "did not come to an end");
		if (r == 0)
			r = take_records(reader, files + *ret_read, n - *ret_read,
					 &taken);
		*ret_read += taken;
	}
	return r;
}
_Static_assert(INDEX_FILES <= READER_FDS, "all are asked for at once");

static void blame(const struct reader *reader, struct index_file *file)
{
	record_done(&file->record);
	file->error = READER_DIED;
	memcpy(file->reason, reader->reason, sizeof(file->reason));
}

/* Where it died among several, each of them is asked for alone, and the one to blame is found. */
static int read_all(void *context, struct index_file *files, size_t n)
{
	struct reader *reader = context;
	size_t most = n;

	for (size_t at = 0, done; at < n; at += done) {
		size_t some = n - at < most ? n - at : most;
		int r = read_some(reader, files + at, some, &done);

		if (r == READER_DIED && some == 1) {
			blame(reader, &files[at]);
			done = 1;
		} else if (r == READER_DIED) {
			most = 1;
		} else if (r < 0) {
			return r;
		}
	}
	return 0;
}

struct index_reader reader_index(struct reader *reader)
{
	return (struct index_reader){ read_all, reader };
}

int reader_record(struct reader *reader, int fd, struct record *ret)
{
	struct index_file file = { .fd = fd };
	int r;

	record_init(&file.record);
	r = read_all(reader, &file, 1);
	if (r == 0)
		r = file.error;
	if (r == 0)
		*ret = file.record;
	return r;
}

/* Until the next message, whatever time it takes. */
static int wait_message(struct reader *reader)
{
	return next_message(reader, -1);
}

static void take_fault(struct reader_rest *rest, struct dump_fault *ret)
{
	int64_t frame = reader_take_number(rest);

	*ret = (struct dump_fault){ .frame = (uint32_t)frame,
				    .offset = (uint64_t)reader_take_number(rest) };
}

int reader_verify(struct reader *reader, int fd, const char *id, int64_t size_file,
		  struct verify_finding *ret)
{
	char found[RECORD_ID_LENGTH + 1];
	struct reader_rest rest;
	int r = ensure_child(reader);

	if (r < 0)
		return r;
	ask(reader, READER_VERIFY);
	reader_put_number(reader->message, size_file);
	r = send_question(reader, fd, -1);
	if (r == 0)
		r = wait_message(reader);
	if (r == 0)
		r = take_answer(reader, &rest);
	if (r < 0)
		return r;
	*ret = (struct verify_finding){ .damaged = reader_take_number(&rest) != 0 };
	ret->reason = reader->reason[0] ? reader->reason : NULL;
	take_fault(&rest, &ret->fault);
	reader_take_words(&rest, found, sizeof(found));
	if (rest.bad)
		return nonsense(reader);
	return id && strcmp(id, found) != 0 ? -EREMCHG : 0;
}

static int take_range(struct reader *reader, struct reader_rest *rest,
		      struct memory_map *map)
{
	struct memory_map_range range = {
		.start = (uint64_t)reader_take_number(rest),
		.end = (uint64_t)reader_take_number(rest),
		.flags = (uint8_t)reader_take_number(rest),
	};
	_cleanup_free_ char *name = NULL;
	char fate[MEMORY_MAP_WORD_MAX + 1], rank[MEMORY_MAP_WORD_MAX + 1];
	int r;

	reader_take_words(rest, fate, sizeof(fate));
	reader_take_words(rest, rank, sizeof(rank));
	r = reader_take_text(rest, &name);
	range.fate = fate;
	range.rank = rank;
	range.name = name;
	range.name_size = name ? strlen(name) : 0;
	if (r == 0)
		r = memory_map_add(map, &range);
	return r < 0 && r != -ENOMEM ? nonsense(reader) : r;
}

static int take_ranges(struct reader *reader, struct memory_map *map)
{
	struct reader_rest rest = reader_rest_of(reader->message);
	int r = 0;

	while (r == 0 && rest.n > 0)
		r = take_range(reader, &rest, map);
	return r;
}

/* Up to the answer, which is in reader->message. */
static int take_map(struct reader *reader, struct memory_map *map)
{
	int r = wait_message(reader);

	while (r == 0 && reader->message->kind == READER_RANGES) {
		r = take_ranges(reader, map);
		if (r == 0)
			r = wait_message(reader);
	}
	return r;
}

int reader_memory(struct reader *reader, int fd, struct memory_map *ret,
		  bool *ret_derived)
{
	_cleanup_memory_map_ struct memory_map map = { 0 };
	struct reader_rest rest;
	int r = ensure_child(reader);

	if (r < 0)
		return r;
	ask(reader, READER_MEMORY);
	r = send_question(reader, fd, -1);
	if (r == 0)
		r = take_map(reader, &map);
	if (r == 0)
		r = take_answer(reader, &rest);
	if (r < 0)
		return r;
	*ret_derived = reader_take_number(&rest) != 0;
	if (rest.bad)
		return nonsense(reader);
	*ret = map;
	map = (struct memory_map){ 0 };
	return 0;
}

/* Return: 0: the answer is there; -EINTR: go_on said so; READER_DIED. */
static int follow(struct reader *reader, const struct reader_extract *what)
{
	uint64_t done = 0;

	for (;;) {
		struct reader_rest rest;
		int r = next_message(reader, STEP);

		if (r < 0 && r != -ETIMEDOUT)
			return r;
		if (r == 0 && reader->message->kind != READER_PROGRESS)
			return 0;
		rest = reader_rest_of(reader->message);
		if (r == 0)
			done = (uint64_t)reader_take_number(&rest);
		if (!what->go_on(what->context, done)) {
			(void)end_child(reader); /* in the middle of it */
			return -EINTR;
		}
	}
}

int reader_extract(struct reader *reader, const struct reader_extract *what,
		   int *ret_error, struct dump_fault *ret_fault)
{
	struct reader_rest rest;
	int r = ensure_child(reader), error;

	*ret_error = 0;
	*ret_fault = (struct dump_fault){ 0 };
	if (r < 0)
		return r;
	ask(reader, READER_EXTRACT);
	reader_put_number(reader->message, what->sparse);
	r = send_question(reader, what->fd, what->out);
	if (r == 0)
		r = follow(reader, what);
	if (r < 0)
		return r;
	r = take_answer(reader, &rest);
	if (r == READER_DIED)
		return r;
	error = (int)reader_take_number(&rest);
	take_fault(&rest, ret_fault);
	if (rest.bad || error > 0 || error < -4095)
		return nonsense(reader);
	*ret_error = error;
	return r;
}

static int take_report(struct reader *reader, struct report *ret)
{
	int r = wait_message(reader);

	if (r < 0)
		return r;
	if (reader->message->kind != READER_REPORT)
		return 0;
	if (reader->message->n != sizeof(*ret))
		return nonsense(reader);
	memcpy(ret, reader->message->bytes, sizeof(*ret));
	return report_check(ret) < 0 ? nonsense(reader) : 1;
}

int reader_refilter(struct reader *reader, const struct reader_refilter *what,
		    struct memory_map *ret_map, struct report *ret_report)
{
	struct reader_rest rest;
	int r = ensure_child(reader);

	report_init(ret_report);
	if (r < 0)
		return r;
	ask(reader, READER_REFILTER);
	reader_put_number(reader->message, what->is_dump);
	reader_put_number(reader->message, what->type);
	reader_put_number(reader->message, (int64_t)what->size);
	r = send_question(reader, what->fd, what->out);
	if (r == 0)
		r = take_report(reader, ret_report);
	if (r == 1)
		r = take_map(reader, ret_map);
	return r < 0 ? r : take_answer(reader, &rest);
}
