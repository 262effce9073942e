/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "dumpctl/reader_memory.h"
#include "dumpctl/reader_write.h"

/* It takes as long as the dump is large: how often it is asked whether to go on. */
#define STEP 200 /* ms */

/* Return: 0: the answer is there; -EINTR: go_on said so; READER_DIED. */
static int follow(struct reader *reader, const struct reader_extract *what)
{
	uint64_t done = 0;

	for (;;) {
		struct reader_rest rest;
		int r = reader_next(reader, STEP);

		if (r < 0 && r != -ETIMEDOUT)
			return r;
		if (r == 0 && reader->message->kind != READER_PROGRESS)
			return 0;
		rest = reader_rest_of(reader->message);
		if (r == 0)
			done = (uint64_t)reader_take_number(&rest);
		if (!what->go_on(what->context, done)) {
			(void)reader_end(reader); /* in the middle of it */
			return -EINTR;
		}
	}
}

int reader_extract(struct reader *reader, const struct reader_extract *what,
		   int *ret_error, struct dump_fault *ret_fault)
{
	const int fds[] = { what->fd, what->out };
	struct reader_rest rest;
	int r = reader_ensure(reader), error;

	*ret_error = 0;
	*ret_fault = (struct dump_fault){ 0 };
	if (r < 0)
		return r;
	reader_ask(reader, READER_EXTRACT);
	reader_put_number(reader->message, what->sparse);
	r = reader_send(reader, fds, 2);
	if (r == 0)
		r = follow(reader, what);
	if (r < 0)
		return r;
	r = reader_take_answer(reader, &rest);
	if (r == READER_DIED)
		return r;
	error = (int)reader_take_number(&rest);
	reader_take_fault(&rest, ret_fault);
	if (rest.bad || error > 0 || error < -4095)
		return reader_nonsense(reader);
	*ret_error = error;
	return r;
}

static int take_report(struct reader *reader, struct report *ret)
{
	int r = reader_next(reader, -1);

	if (r < 0)
		return r;
	if (reader->message->kind != READER_REPORT)
		return 0;
	if (reader->message->n != sizeof(*ret))
		return reader_nonsense(reader);
	memcpy(ret, reader->message->bytes, sizeof(*ret));
	return report_check(ret) < 0 ? reader_nonsense(reader) : 1;
}

int reader_refilter(struct reader *reader, const struct reader_refilter *what,
		    struct memory_map *ret_map, struct report *ret_report)
{
	const int fds[] = { what->fd, what->out };
	struct reader_rest rest;
	int r = reader_ensure(reader);

	report_init(ret_report);
	if (r < 0)
		return r;
	reader_ask(reader, READER_REFILTER);
	reader_put_number(reader->message, what->is_dump);
	reader_put_number(reader->message, what->type);
	reader_put_number(reader->message, (int64_t)what->size);
	r = reader_send(reader, fds, 2);
	if (r == 0)
		r = take_report(reader, ret_report);
	if (r == 1)
		r = reader_take_map(reader, ret_map);
	return r < 0 ? r : reader_take_answer(reader, &rest);
}
