/* SPDX-License-Identifier: MIT */
/*
 * A core on its way from a stored dump into a descriptor: with holes where a file can have
 * them, with progress where somebody looks, and undone when somebody interrupts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "store/dump.h"
#include "store/index.h"

/*
 * Extract the entry's dump into fd. verb is for messages. A message was printed on failure
 * that names the dump, what is wrong and what to do. Return: 0 or negative errno.
 */
int output_core(const struct index_entry *entry, int fd, const char *verb) _must_check_;

/*
 * Open the entry's dump, with such messages. Return: 0; -ENOENT: it has none; -EACCES: this user
 * may not read it; -ESTALE: another dump has its name now; or negative errno.
 */
int output_open(const struct index_entry *entry, const char *verb,
		struct dump **ret) _must_check_;

/*
 * The same in two steps and without a message, for who does more with the file than read it. Return:
 * a descriptor of the entry's directory; 0; or as above.
 */
int output_directory(const struct index_entry *entry) _must_check_;
int output_find(int dirfd, const struct index_entry *entry,
		struct dump **ret) _must_check_;

/* Such a message; the advice is for what is damaged. */
void output_complain(const struct index_entry *entry, const char *verb, int error,
		     const char *advice);

/*
 * While a file is being made that must not be left half done: INT, TERM and HUP wait and
 * end output_core with -EINTR; after the file is removed, output_deliver lets them happen.
 */
void output_hold_signals(void);
void output_deliver_signals(void);
