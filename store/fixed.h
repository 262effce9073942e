/* SPDX-License-Identifier: MIT */
/*
 * The fixed part of a stored dump: the first bytes of its file, which say that it is one, and the last member of its
 * record, "fixed", which says whose it is, and which always is in the same place (store/frame.h): the record is JSON
 * with blanks in front of it. What the handler's parent may read of a dump, beside its extended attributes, to make
 * room: it parses no JSON.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "store/record.h"

/* At the end of the record's frame. */
#define FIXED_SIZE 1024

/* Of what is longer its beginning is there: an executable's path, a pod, container or service. */
#define FIXED_EXE_MAX	360
#define FIXED_GROUP_MAX 128

struct fixed {
	int64_t uid; /* RECORD_UNKNOWN */
	char exe[FIXED_EXE_MAX + 1]; /* "": not known */
	char group[FIXED_GROUP_MAX + 1]; /* of store/record_group.h; "": none */
	bool contained; /* as there */
};

/*
 * Does the file begin as a dump of dumpd does, whatever is in its record? Return: 1, 0 or negative
 * errno.
 */
int fixed_is_dump(int fd) _must_check_;

/* Of such a file. Return: 1; 0: it has none, as dumps of earlier versions; or negative errno. */
int fixed_read(int fd, struct fixed *ret) _must_check_;

/*
 * The record's frame, with its header: JSON, at most FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER - FIXED_SIZE bytes with
 * its NUL, an object that is not empty, gets the fixed part as its last member.
 */
void fixed_frame(const struct record *record, const char *json, uint8_t *frame);
