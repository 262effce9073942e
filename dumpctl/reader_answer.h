/* SPDX-License-Identifier: MIT */
/*
 * The state of the child of dumpctl/reader.h, and how it answers.
 */
#pragma once

#include "config/config.h"
#include "dumpctl/debug_elf.h"
#include "dumpctl/reader_link.h"

struct reader_answer {
	int socket;
	const struct config *config;
	struct reader_message *message; /* the question, then the answer */
	int fds[READER_FDS]; /* of the question */
	struct debug_elf core; /* that READER_CORE was about */
	bool has_core;
};

/* In place of what is in the message. */
void reader_answer_begin(struct reader_answer *answer, enum reader_kind kind);

/* The last message of an answer: what can be said of all, and of what cannot be answered. reason: NULL: none. */
void reader_answer_result(struct reader_answer *answer, int r, const char *reason);
/* The same of several in one message. */
void reader_answer_put_result(struct reader_answer *answer, int r, const char *reason);

/* But for the last one, which is sent when all is done. */
void reader_answer_send(struct reader_answer *answer);
