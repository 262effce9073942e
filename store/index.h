/* SPDX-License-Identifier: MIT */
/*
 * The crashes known here: the union of the journal's entries and the files in the store,
 * joined by id. A file whose journal entry is gone is found all the same; a journal entry
 * whose file is gone is shown as missing, one whose file is in another directory, where Directory= once
 * pointed, as elsewhere.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "store/record.h"

/* What is left of a crash's dump. */
enum index_state {
	INDEX_NONE, /* never was a file: a record alone */
	INDEX_PRESENT, /* complete */
	INDEX_CUT, /* present, smaller than was asked for */
	INDEX_MISSING, /* the record names a file that is gone */
	INDEX_ELSEWHERE, /* it is in another directory than this store */
	INDEX_INACCESSIBLE, /* it may be there, this user may not look */
	INDEX_DAMAGED, /* a file ends in .zst in the store and is no dump of ours */
};

struct index_entry {
	struct record record; /* without an id if neither file nor journal tell one; its
				 * timestamp is then the file's */
	enum index_state state;
	char *directory; /* of the file, NULL without one */
	char *name; /* its name there */
	uint64_t size; /* its bytes on disk */
	bool in_journal;
};

struct index {
	struct index_entry *entries; /* oldest first */
	size_t count;
	bool journal_readable; /* false: what is listed comes from files alone */
};

/*
 * An open file of the store, and its record. A record may be hostile; dumpctl has it read by another process.
 */
struct index_file {
	int fd; /* borrowed */
	int error; /* 0; why there is no record: -EBADMSG; or negative errno */
	struct record record;
	int check; /* of dump_check() */
	char reason[128]; /* for people, why it is damaged; "": none of its own */
};

/* Reads so many at a time. */
#define INDEX_FILES 32

struct index_reader {
	/* Of n files only fd is set. Fills the rest of each. Return: 0 or -ENOMEM. */
	int (*read)(void *context, struct index_file *files, size_t n);
	void *context;
};

/* Reads one in this process. Return: 0 or -ENOMEM. */
int index_read_file(struct index_file *file) _must_check_;

/*
 * reader: NULL: the records are read in this process. directory: the store. with_journal: join the journal (false for `-D DIR`, a copied one).
 * A directory that cannot be read is an error only if there is no journal to show either:
 * *ret_directory_error then holds why, else 0. Return: 0 or negative errno.
 */
int index_load(const char *directory, bool with_journal,
	       const struct index_reader *reader, struct index *ret,
	       int *ret_directory_error) _must_check_;
void index_done(struct index *index);
#define _cleanup_index_ _cleanup_(index_done)

const char *index_state_name(enum index_state state);
