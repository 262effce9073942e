/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "handler/opening.h"
#include "handler/patience.h"
#include "store/frame.h"
#include "store/publish.h"

/* What a thread that hangs has still. */
struct opening {
	struct settings settings;
	struct opened opened;
	const char *reason;
	int result;
};

/*
 * The record comes last, when there is nothing left to be given up for it: its room is taken before
 * memory fills the disk. Where it cannot be had now, there may be some at the end.
 */
static void reserve_record(int file_fd)
{
	(void)posix_fallocate(file_fd, 0, FRAME_RECORD_SIZE);
}

static void open_all(void *context)
{
	struct opening *opening = context;
	struct opened *opened = &opening->opened;
	struct disk_place place = { .runtime_fd = opened->runtime_fd,
				    .settings = &opening->settings };

	opened->store_fd = store_open(opening->settings.directory, &opening->reason);
	opening->result = opened->store_fd;
	if (opened->store_fd >= 0)
		opening->result = opened->file_fd = store_create(opened->store_fd);
	place.store_fd = opened->store_fd;
	if (opening->result < 0)
		return;
	disk_room(&place, &opened->disk); /* which may remove old dumps */
	reserve_record(opened->file_fd);
}

int opening_try(const struct settings *settings, struct opened *ret,
		const char **ret_reason)
{
	struct opening *opening = malloc(sizeof(*opening));
	int r;

	*ret_reason = "no file can be made in it";
	ret->store_fd = ret->file_fd = -1;
	if (!opening)
		return -ENOMEM;
	*opening = (struct opening){ .settings = *settings,
				     .opened = *ret,
				     .reason = *ret_reason };
	if (patience(open_all, opening, settings->deadline) < 0) {
		*ret_reason = "the store's file system does not answer: it is frozen, or "
			      "its disk hangs";
		return -ETIMEDOUT; /* opening is the thread's */
	}
	*ret = opening->opened;
	*ret_reason = opening->reason;
	r = opening->result;
	free(opening);
	return r < 0 ? r : 0;
}
