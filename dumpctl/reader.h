/* SPDX-License-Identifier: MIT */
/*
 * Who reads stored dumps for dumpctl: a child that is confined (isolate_dump_reader() of handler/isolate.h), one for
 * all dumps of a call.
 *
 * The seam is where a stored dump is handed from the store to a verb: its file is opened by dumpctl itself, by its name
 * below the store, and all that is behind that descriptor - record (JSON), frames (zstd), core (ELF) - is read by the
 * child. It is the narrowest one: a verb gets a struct record, a verdict or a drop map as before, and what comes back
 * is numbers and texts with bounds, which are checked again (reader_link.h) and escaped where they are printed.
 *
 * A dump at which the child dies costs that dump, and no other: the next one gets another child.
 *
 * Here is the child's life, and what is said to it; what is asked of it is in reader_records.h, reader_verify.h,
 * reader_memory.h, reader_write.h and debug_core.h.
 */
#pragma once

#include <sys/types.h>

#include "config/config.h"
#include "dumpctl/reader_link.h"
#include "store/dump.h"

/* The child died, or said what cannot be: reader->reason tells. */
#define READER_DIED (-EOWNERDEAD)

#define READER_REASON 128

/* ms: for what does not take as long as a dump is large, of a disk that may be slow. */
#define READER_WAIT 60000

struct reader {
	const char *verb; /* for messages */
	const struct config *config; /* for refilter; set before the first question */
	int socket; /* -1: there is no child */
	pid_t child;
	bool starved; /* of something it is not known what it is: there was no memory, or nobody to read it */
	struct reader_message *message; /* the last */
	char reason
		[READER_REASON]; /* why the last answer is an error, for people; "": by its number */
};

void reader_init(struct reader *reader, const char *verb);
void reader_done(struct reader *reader);

/*
 * For the files named above, whose functions return 0; READER_DIED; -ENOMEM; what it means where the dump is read in
 * this process; or negative errno. Where reader->reason is "", there is nothing to add.
 */

/* There is a child that is confined. Return: 0 or negative errno, after a message where nobody can be. */
int reader_ensure(struct reader *reader) _must_check_;

/* Begin a question in reader->message. */
void reader_ask(struct reader *reader, enum reader_kind kind);

/* The question, with descriptors. Return: 0 or READER_DIED. */
int reader_send(struct reader *reader, const int *fds, size_t n) _must_check_;

/* Wait for ms at most, -1: for ever. Return: 0: it is in reader->message; -ETIMEDOUT: not yet; READER_DIED. */
int reader_next(struct reader *reader, int wait) _must_check_;
/* For READER_WAIT at most: who takes longer is ended. Return: 0 or READER_DIED. */
int reader_next_soon(struct reader *reader) _must_check_;

/*
 * The message is the last one of an answer. *ret: what is behind its first words. Return: 0, or the error that it says,
 * with reader->reason; READER_DIED.
 */
int reader_take_answer(struct reader *reader, struct reader_rest *ret) _must_check_;
/* The same of several answers in a message. */
int reader_take_result(struct reader *reader, struct reader_rest *rest) _must_check_;
void reader_take_fault(struct reader_rest *rest, struct dump_fault *ret);

/* End it in the middle of an answer. Return: as of waitpid(2). */
int reader_end(struct reader *reader);

/* What it said cannot be; or, with a NULL, it says nothing any more. It is ended. Return: READER_DIED. */
int reader_nonsense(struct reader *reader);
int reader_died(struct reader *reader, const char *why);
