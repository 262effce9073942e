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
 */
#pragma once

#include <sys/types.h>

#include "config/config.h"
#include "dumpctl/reader_link.h"
#include "dumpctl/verify_dump.h"
#include "handler/report.h"
#include "store/index.h"
#include "store/memory_map.h"

/* The child died, or said what cannot be: reader->reason tells. */
#define READER_DIED (-EOWNERDEAD)

#define READER_REASON 128

struct reader {
	const char *verb; /* for messages */
	const struct config *config; /* for refilter; set before the first question */
	int socket; /* -1: there is no child */
	pid_t child;
	struct reader_message *message; /* the last */
	char reason
		[READER_REASON]; /* why the last answer is an error, for people; "": by its number */
};

void reader_init(struct reader *reader, const char *verb);
void reader_done(struct reader *reader);

/* For index_load(): the reader must outlive it. */
struct index_reader reader_index(struct reader *reader);

/*
 * fd: of a dump's file, borrowed. All of these return 0; READER_DIED; -ENOMEM; what it means where the dump is read in
 * this process; or negative errno. Where reader->reason is "", there is nothing to add.
 */

int reader_record(struct reader *reader, int fd, struct record *ret) _must_check_;

/*
 * id: of the dump that it shall be; NULL: any. size_file: what the journal says of it, RECORD_UNKNOWN. Return also
 * -EREMCHG: it is another dump.
 */
int reader_verify(struct reader *reader, int fd, const char *id, int64_t size_file,
		  struct verify_finding *ret) _must_check_;

int reader_memory(struct reader *reader, int fd, struct memory_map *ret,
		  bool *ret_derived) _must_check_;

struct reader_extract {
	int fd, out; /* borrowed */
	bool sparse; /* out can have holes */
	bool (*go_on)(void *context, uint64_t done); /* bytes; false: end it */
	void *context;
};

/* *ret_error: of writing, not of the dump. Return as above; -EINTR: go_on said so. */
int reader_extract(struct reader *reader, const struct reader_extract *what,
		   int *ret_error, struct dump_fault *ret_fault) _must_check_;

struct reader_refilter {
	int fd, out; /* borrowed */
	bool is_dump; /* else a core */
	int type; /* as in refilter_run.h */
	uint64_t size; /* of a core: its file's */
};

/* Return as refilter_run(). */
int reader_refilter(struct reader *reader, const struct reader_refilter *what,
		    struct memory_map *ret_map, struct report *ret_report) _must_check_;
