/* SPDX-License-Identifier: MIT */
/*
 * A core on its way from a stored dump into a descriptor: with holes where a file can have
 * them, with progress where somebody looks, and undone when somebody interrupts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "dumpctl/reader.h"
#include "store/index.h"

/* The file of an entry's dump, which is the entry's still. */
struct output_dump {
	int fd;
	uint64_t size;
	struct record record;
};
#define OUTPUT_NO_DUMP   \
	{                \
		.fd = -1 \
	}

void output_dump_close(struct output_dump *dump);
#define _cleanup_output_dump_ _cleanup_(output_dump_close)

/*
 * Extract the entry's dump into fd. A message was printed on failure, which names the verb, the dump, what is wrong and
 * what to do. Return: 0 or negative errno.
 */
int output_core(const struct index_entry *entry, struct reader *reader,
		int fd) _must_check_;

/*
 * Open the entry's dump, with such messages. Return: 0; -ENOENT: it has none; -EACCES: this user
 * may not read it; -ESTALE: another dump has its name now; or negative errno.
 */
int output_open(const struct index_entry *entry, struct reader *reader,
		struct output_dump *ret) _must_check_;

/*
 * The same in two steps and without a message, for who does more with the file than read it. Return:
 * a descriptor of the entry's directory; 0; or as above.
 */
int output_directory(const struct index_entry *entry) _must_check_;
int output_find(int dirfd, const struct index_entry *entry, struct reader *reader,
		struct output_dump *ret) _must_check_;

/* Its file alone: whether it is the entry's dump still is not looked at. Without a message. Return: a descriptor; or as above. */
int output_file(const struct index_entry *entry, uint64_t *ret_size) _must_check_;

/* Such a message; the advice is for what is damaged. */
void output_complain(const struct index_entry *entry, const struct reader *reader,
		     int error, const char *advice);

/*
 * While a file is being made that must not be left half done: INT, TERM and HUP wait and
 * end output_core with -EINTR; after the file is removed, output_deliver lets them happen.
 */
void output_hold_signals(void);
void output_deliver_signals(void);
