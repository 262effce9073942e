/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "handler/disk.h"
#include "handler/priority.h"
#include "handler/runtime.h"
#include "handler/tell.h"
#include "store/vacuum.h"

/*
 * Of what KeepFree leaves to others a dump may take half, until the vacuum behind it gives that back: so a
 * process is not held while room is made for its dump.
 */
#define LENT 2

/* With less room than this the vacuum comes first. */
#define LITTLE (64u << 20)

/* Dumps that one crash removes; the rest is the next one's, or the timer's. */
#define AT_ONCE 1000

/* A second vacuum waits for the first, so that what it stored is counted. */
#define PATIENCE_MS 5000

/* What a file takes beyond its bytes: the rest of its last block. */
#define BLOCK 4096

static struct room room_of(const struct quota_limits *limits)
{
	struct room room = { .most = limits->max_use,
			     .reserve = limits->keep_free / LENT };
	uint64_t free = limits->free > room.reserve ? limits->free - room.reserve : 0;

	if (free < room.most)
		room.most = free;
	if (room.most != UINT64_MAX)
		room.most -= room.most < BLOCK ? room.most : BLOCK;
	return room;
}

/* "2 by MaxAge, 1 by MaxUse" */
static void say_why(const struct vacuum_result *result, char *to, size_t size)
{
	to[0] = '\0';
	for (enum quota_reason i = QUOTA_STAYS + 1; i < QUOTA_REASONS; i++) {
		size_t n = strlen(to);

		if (result->by[i])
			(void)snprintf(to + n, size - n, "%s%zu by %s", n ? ", " : "",
				       result->by[i], quota_reason_key(i)); /* all fit */
	}
}

static void tell_gone(const struct vacuum_result *result, const char *directory,
		      bool to_stderr)
{
	char why[128];

	if (result->failed)
		tell(to_stderr, "%zu dumps could not be removed from %s", result->failed,
		     directory);
	if (result->count == 0)
		return;
	say_why(result, why, sizeof(why));
	tell(to_stderr, "removed %zu dumps of %" PRIu64 " bytes from %s: %s",
	     result->count, result->bytes, directory, why);
}

int disk_lock_file(int runtime_fd)
{
	int fd = runtime_fd >= 0 ? runtime_file(runtime_fd, "vacuum") : -1;

	return fd < 0 ? -1 : fd;
}

static int vacuum(const struct disk_place *place, int patience, struct vacuum_result *ret)
{
	_cleanup_fd_ int lock_fd = disk_lock_file(place->runtime_fd);
	const struct vacuum_job job = {
		.settings = place->settings,
		.now = clock_usec(CLOCK_REALTIME),
		.most = AT_ONCE,
	};

	*ret = (struct vacuum_result){ 0 };
	return vacuum_run(place->store_fd, lock_fd, &job, patience, ret);
}

void disk_room(const struct disk_place *place, struct disk *ret)
{
	struct quota_limits limits;

	*ret = (struct disk){ .room = ROOM_UNLIMITED };
	if (vacuum_limits(place->store_fd, place->settings, 0, &limits) < 0)
		return;
	ret->room = room_of(&limits);
	if (ret->room.most >= LITTLE || limits.free >= limits.keep_free)
		return;
	if (vacuum(place, 0, &ret->gone) == 0 && ret->gone.count > 0 &&
	    vacuum_limits(place->store_fd, place->settings, 0, &limits) == 0)
		ret->room = room_of(&limits);
}

void disk_vacuum(const struct disk_place *place, const struct disk *before,
		 bool to_stderr)
{
	const char *directory = place->settings->directory;
	struct vacuum_result result;

	priority_lower();
	tell_gone(&before->gone, directory, to_stderr);
	if (vacuum(place, PATIENCE_MS, &result) == 0)
		tell_gone(&result, directory, to_stderr);
	/* else the next crash or the timer will */
}
