/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "dumpctl/reader_verify.h"

/* Return: 0, READER_DIED or negative errno. */
static int ask(struct reader *reader, const struct reader_verify *dumps, size_t n)
{
	int fds[READER_FDS];
	int r = reader_ensure(reader);

	if (r < 0)
		return r;
	reader_ask(reader, READER_VERIFY);
	for (size_t i = 0; i < n; i++) {
		fds[i] = dumps[i].fd;
		reader_put_number(reader->message, dumps[i].size_file);
	}
	return reader_send(reader, fds, n);
}

/* The next answer. Return: as reader_verify_tell has it. */
static int take(struct reader *reader, const char *id, struct verify_finding *ret)
{
	char found[RECORD_ID_LENGTH + 1];
	struct reader_rest rest;
	int r = reader_next(reader, -1);

	if (r == 0)
		r = reader_take_answer(reader, &rest);
	if (r < 0)
		return r;
	*ret = (struct verify_finding){ .damaged = reader_take_number(&rest) != 0 };
	ret->cut = reader_take_number(&rest) != 0;
	ret->reason = reader->reason[0] ? reader->reason : NULL;
	reader_take_fault(&rest, &ret->fault);
	reader_take_words(&rest, found, sizeof(found));
	if (rest.bad)
		return reader_nonsense(reader);
	return id && strcmp(id, found) != 0 ? -EREMCHG : 0;
}

/* They are answered in order: the first that is not is the one at which it died. */
void reader_verify(struct reader *reader, const struct reader_verify *dumps, size_t n,
		   reader_verify_tell *tell, void *context)
{
	bool asked = false;

	for (size_t i = 0; i < n; i++) {
		struct verify_finding found;
		int r = asked ? 0 : ask(reader, dumps + i, n - i);

		if (r == 0)
			r = take(reader, dumps[i].id, &found);
		asked = reader->socket >= 0;
		tell(context, i, r, &found);
	}
}
