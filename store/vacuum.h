/* SPDX-License-Identifier: MIT */
/*
 * The store's dumps as the quota sees them, and removing those that go.
 *
 * Mustn't: touch what is not a dump of ours. A name that does not end in .zst, a link, a
 * directory, a file that does not begin with a record stays, and does not count. An empty file with a
 * dump's name is what was left of one when somebody was killed while it was removed (store/remove.h): it
 * goes when it is a minute old.
 */
#pragma once

#include <stdbool.h>

#include "config/settings.h"
#include "store/quota.h"

struct vacuum_file {
	char *name;
	char *exe, *group; /* of struct quota_dump */
	uint64_t device, inode;
};

/* dumps[i] is of files[i]. */
struct vacuum_scan {
	struct vacuum_file *files;
	struct quota_dump *dumps;
	size_t count;
	size_t unreadable; /* files of which it is not known, and which are left out */
	bool told; /* uid, exe and group were read, and what is not ours is left out */
};

/*
 * All files of the store that may be dumps, by size and time, without opening any: 10,000 take
 * some 10 ms. Return: 0 or negative errno.
 */
int vacuum_scan(int store_fd, struct vacuum_scan *ret) _must_check_;
void vacuum_scan_done(struct vacuum_scan *scan);
#define _cleanup_vacuum_scan_ _cleanup_(vacuum_scan_done)

/*
 * What the settings come to for this store: now, µs, and how full the disk is. Return: 0 or
 * negative errno.
 */
int vacuum_limits(int store_fd, const struct settings *settings, int64_t now,
		  struct quota_limits *ret) _must_check_;

/* A dump that goes, or would. error: 0, or errno: it could not be removed. */
typedef void (*vacuum_gone)(void *context, const char *name,
			    const struct quota_dump *dump, int error);

struct vacuum_job {
	const struct settings *settings;
	int64_t now; /* µs */
	size_t most; /* dumps to be removed at most; 0: no limit */
	bool dry_run;
	bool exact; /* every file is looked at, so that what is left counts dumps alone */
	vacuum_gone gone; /* may be NULL */
	void *context;
};

struct vacuum_result {
	size_t count, failed; /* removed, or would be */
	uint64_t bytes;
	size_t left; /* dumps that stay; unless exact and where nothing is short, all .zst */
	size_t unreadable; /* files that stay because they cannot be read */
	uint64_t left_bytes;
	size_t by[QUOTA_REASONS];
	struct quota_limits limits; /* what the settings came to */
};

/*
 * One at a time, by flock(2) of lock_fd: a second caller waits for up to `patience` ms. It is a file that
 * nobody else can open (the store can be read by all, so everybody might have locked that); -1: where
 * there is none, two may be at it, and remove the same. Return: 0; -EBUSY: somebody else is at it, and
 * it took too long; or negative errno.
 */
int vacuum_run(int store_fd, int lock_fd, const struct vacuum_job *job, int patience,
	       struct vacuum_result *ret) _must_check_;
