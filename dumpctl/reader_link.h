/* SPDX-License-Identifier: MIT */
/*
 * Messages between dumpctl and the child that reads stored dumps for it (dumpctl/reader.h), with descriptors on the
 * way to the child. What comes back is as hostile as the dumps: a message has a largest size, and each number and text
 * in it ends within it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "filter/bytes.h"
#include "filter/module_build_id.h"
#include "store/record.h"

/* A record is 16 KiB in its file; a report is the largest. */
#define READER_BYTES (60u << 10)

/* With a question: dumps whose records are read, or one dump and what is written. */
#define READER_FDS 32

enum reader_kind {
	/* asked; the first descriptor is the dump's */
	READER_RECORDS =
		1, /* of each: what does its record say, and is the file whole? */
	READER_VERIFY, /* all of it */
	READER_EXTRACT, /* into the second descriptor */
	READER_MEMORY, /* the drop map */
	READER_REFILTER, /* into the second descriptor */
	READER_CORE, /* the core of `dumpctl debug' (debug_elf.h), which later ones are about, up to the next of this kind */
	READER_PAGE, /* of its memory */
	READER_HIDE, /* spans of it */
	READER_AS_STARTED,
	READER_BUILD_ID, /* of a file that is no dump */
	/* answered */
	READER_READY, /* once, before all others */
	READER_PROGRESS,
	READER_RANGES, /* of a drop map */
	READER_MODULES, /* of a core, before names */
	READER_FILES,
	READER_NAMES,
	READER_REPORT,
	READER_ANSWER, /* the last of each; those about records come with as many in a message as there is room for */
};

struct reader_message {
	uint32_t kind;
	uint32_t n;
	uint8_t bytes[READER_BYTES];
};

/* Return: two ends, close-on-exec, or negative errno. */
int reader_link_open(int ret[2]) _must_check_;

/* With n descriptors. Return: 0 or negative errno. */
int reader_link_send(int socket, const struct reader_message *message, const int *fds,
		     size_t n) _must_check_;

/*
 * Wait for one; wait: ms at most, -1: for ever. ret_fds: all of them are set, -1: none; NULL where none are taken. Return: 1; 0: the other end is
 * closed; -ETIMEDOUT; -EBADMSG; or negative errno.
 */
int reader_link_receive(int socket, int wait, struct reader_message *ret,
			int ret_fds[READER_FDS]) _must_check_;

/* Write into a message. What has no room is not written: its reader finds nothing. */
void reader_put_number(struct reader_message *message, int64_t number);
void reader_put_text(struct reader_message *message, const char *text); /* may be NULL */
void reader_put_raw(struct reader_message *message, const void *p, size_t n);
void reader_put_bytes(struct reader_message *message, struct bytes text); /* as a text */
void reader_put_build_id(struct reader_message *message, const struct build_id *id);
void reader_put_record(struct reader_message *message, const struct record *record);

/* What is left of a message to read. */
struct reader_rest {
	const uint8_t *p;
	size_t n;
	bool bad; /* something was missing, or cannot be */
};

struct reader_rest reader_rest_of(const struct reader_message *message);
int64_t reader_take_number(struct reader_rest *rest);
/* Just n bytes; zeros where there are not so many. */
void reader_take_raw(struct reader_rest *rest, void *to, size_t n);
/* With a state and a length that there are. */
void reader_take_build_id(struct reader_rest *rest, struct build_id *ret);
/* A new string without a NUL inside; NULL where there was NULL. Return: 0; -EBADMSG; -ENOMEM. */
int reader_take_text(struct reader_rest *rest, char **ret) _must_check_;
/* A text for people, of printable ASCII; else it is bad. "": none. */
void reader_take_words(struct reader_rest *rest, char *ret, size_t size);
/* As a file or a journal could have it (store/valid.h). Return: 0; -EBADMSG; -ENOMEM. */
int reader_take_record(struct reader_rest *rest, struct record *ret) _must_check_;
