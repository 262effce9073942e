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

void reader_init(struct reader *reader, const char *verb)
{
	*reader = (struct reader){ .verb = verb, .socket = -1 };
}

/* It has nothing that it would have to finish. */
int reader_end(struct reader *reader)
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
	(void)reader_end(reader); /* how does not matter any more */
	free(TAKE_PTR(reader->message));
}

/* A child that dies has closed its end. */
int reader_died(struct reader *reader, const char *why)
{
	/* a signal that is on its way comes before ours */
	int status = reader_end(reader);

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

int reader_nonsense(struct reader *reader)
{
	return reader_died(reader, "said what cannot be: it may be made for that");
}

int reader_next(struct reader *reader, int wait)
{
	int r = reader_link_receive(reader->socket, wait, reader->message, NULL);

	if (r == 1)
		return 0;
	if (r == -ETIMEDOUT)
		return r;
	return r == -EBADMSG ? reader_nonsense(reader) : reader_died(reader, NULL);
}

int reader_next_soon(struct reader *reader)
{
	int r = reader_next(reader, READER_WAIT);

	return r == -ETIMEDOUT ? reader_died(reader, "did not come to an end") : r;
}

/* It is confined, or could not be. */
static int receive_ready(struct reader *reader)
{
	struct reader_rest rest;
	int r = reader_next_soon(reader);

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

int reader_ensure(struct reader *reader)
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
	(void)reader_end(reader); /* it has read nothing */
	reader->starved = true;
	fprintf(stderr, "dumpctl %s: nobody can be confined to read dumps: %s\n",
		reader->verb, strerror(-r));
	return r;
}

void reader_ask(struct reader *reader, enum reader_kind kind)
{
	reader->message->kind = kind;
	reader->message->n = 0;
}

int reader_send(struct reader *reader, const int *fds, size_t n)
{
	int r = reader_link_send(reader->socket, reader->message, fds, n);

	return r < 0 ? reader_died(reader, NULL) : 0;
}

int reader_take_result(struct reader *reader, struct reader_rest *rest)
{
	int r = (int)reader_take_number(rest);

	reader_take_words(rest, reader->reason, sizeof(reader->reason));
	if (rest->bad || r > 0 || r < -4095)
		return reader_nonsense(reader);
	if (r != READER_DIED && r != -ENOMEM)
		return r;
	reader->starved = true;
	(void)snprintf(reader->reason, sizeof(reader->reason),
		       "there is not enough memory to read it");
	return -ENOBUFS; /* of that process, about this dump */
}

int reader_take_answer(struct reader *reader, struct reader_rest *ret)
{
	*ret = reader_rest_of(reader->message);
	return reader->message->kind == READER_ANSWER ? reader_take_result(reader, ret)
						      : reader_nonsense(reader);
}

void reader_take_fault(struct reader_rest *rest, struct dump_fault *ret)
{
	int64_t frame = reader_take_number(rest);

	*ret = (struct dump_fault){ .frame = (uint32_t)frame,
				    .offset = (uint64_t)reader_take_number(rest) };
}
