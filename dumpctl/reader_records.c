/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "dumpctl/reader_records.h"

/* Return: 0, the file's error may say more; READER_DIED; -ENOMEM. */
static int take_record(struct reader *reader, struct reader_rest *rest,
		       struct index_file *file)
{
	int r;

	file->error = reader_take_result(reader, rest);
	memcpy(file->reason, reader->reason, sizeof(file->reason));
	if (file->error == READER_DIED)
		return READER_DIED;
	file->check = (int)reader_take_number(rest);
	r = file->error == 0 ? reader_take_record(rest, &file->record) : 0;
	if (r == -ENOMEM)
		return r;
	return r < 0 || rest->bad || file->check > 0 ? reader_nonsense(reader) : 0;
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
		return reader_nonsense(reader);
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
	int r = reader_ensure(reader);

	*ret_read = 0;
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		fds[i] = files[i].fd;
	reader_ask(reader, READER_RECORDS);
	r = reader_send(reader, fds, n);
	while (r == 0 && *ret_read < n) {
		size_t taken = 0;

		r = reader_next_soon(reader);
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
	file->check = 0;
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
