/* SPDX-License-Identifier: MIT */
/*
 * Reading a stored dump. The file is hostile by assumption: it may be cut, corrupted, or
 * made to exhaust its reader. Nothing here trusts a size that the file states before it was
 * checked against the file's own length or a cap.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "store/record.h"

struct dump; /* opaque: descriptor, record, file size, position */

/*
 * Open NAME below dirfd (one component, O_NOFOLLOW, a regular file), and read nothing of it. Return: a descriptor;
 * -EBADMSG: not a file; -ENOENT: there is none, or it is being removed; or negative errno.
 */
int dump_file_open(int dirfd, const char *name, uint64_t *ret_size) _must_check_;

/*
 * Read the record of such a file. Takes the descriptor in any case. Return: 0; -EBADMSG: not a dump of dumpd; -ENOENT:
 * it is being removed; or negative errno.
 */
int dump_read(int fd, struct dump **ret) _must_check_;

/* Both. */
int dump_open(int dirfd, const char *name, struct dump **ret) _must_check_;
void dump_close(struct dump *dump);

const struct record *dump_record(const struct dump *dump);
uint64_t dump_file_size(const struct dump *dump);
int dump_fd(const struct dump *dump); /* borrowed */

/*
 * Look whether the file is whole, without decompressing it: its seek table is there, fits
 * the file and promises what the record says. Return and *ret_reason as for dump_extract.
 */
int dump_check(const struct dump *dump, const char **ret_reason) _must_check_;

/* What dump_check() says of it, and its record, which the dump has no more then. */
void dump_take_record(struct dump *dump, struct record *ret, int *ret_check,
		      const char **ret_reason);

/*
 * A sink gets the extracted bytes in order, about 2 MiB at most, on the caller's thread. zero: n
 * bytes of zeros, p is NULL (a hole). Return: 0 to go on, negative errno to stop.
 */
typedef int (*dump_sink)(void *context, const uint8_t *p, size_t n);

/*
 * Extract the whole dump into the sink, with several threads where it is large. At most
 * record.size_dump bytes come out, and none behind a fault.
 * Return: 0; -EBADMSG: corrupted (checksum, structure, or more or less than the record says);
 * -ENODATA: the file is cut; -ESTALE: it was removed meanwhile; -ENOMEM; or what the sink returned. *ret_reason (may be NULL)
 * points to static text for people.
 */
int dump_extract(struct dump *dump, dump_sink sink, void *context,
		 const char **ret_reason) _must_check_;

/* Where dump_extract() found something wrong, and why. */
struct dump_fault {
	const char *reason; /* static text */
	uint32_t frame; /* its number from 1; 0: no single one */
	uint64_t offset; /* in the file */
};
const struct dump_fault *dump_fault(const struct dump *dump);

static inline void dump_closep(struct dump **dump)
{
	dump_close(*dump);
}
#define _cleanup_dump_ _cleanup_(dump_closep)
