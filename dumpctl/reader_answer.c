/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "dumpctl/reader_answer.h"

/* dumpctl is gone, or does not listen: there is nothing left to do. */
void reader_answer_send(struct reader_answer *answer)
{
	if (reader_link_send(answer->socket, answer->message, NULL, 0) < 0)
		_exit(1);
}

void reader_answer_begin(struct reader_answer *answer, enum reader_kind kind)
{
	answer->message->kind = kind;
	answer->message->n = 0;
}

void reader_answer_put_result(struct reader_answer *answer, int r, const char *reason)
{
	reader_put_number(answer->message, r);
	reader_put_text(answer->message, reason ? reason : "");
}

void reader_answer_result(struct reader_answer *answer, int r, const char *reason)
{
	reader_answer_begin(answer, READER_ANSWER);
	reader_answer_put_result(answer, r, reason);
}
