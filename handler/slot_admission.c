/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/clock.h"
#include "base/lock.h"
#include "handler/runtime.h"
#include "handler/slot_admission.h"
#include "handler/slot_disk.h"

#define LOCK_FILE "slots"

/* µs. A look takes some tens; a thousand handlers have had one by then, or who has the lock is stopped. */
#define LOCK_WAIT 1000000

/* What was found so far. */
struct look {
	unsigned int own; /* slots that the share has */
	unsigned int own_index; /* one of them, or SLOT_NONE */
	int fd; /* of a free one; -1 */
	int error; /* other than that somebody has it */
};

unsigned int slot_admission_share(const struct slots *slots, enum slot_class class)
{
	return slots->count[class] > 1 ? slots->count[class] / 2 : 1;
}

static bool is_reserved(const struct slots *slots, const struct slot_share *share,
			enum slot_class class)
{
	return !share->system && slots->count[class] >= SLOT_RESERVE_FROM;
}

unsigned int slot_admission_open(const struct slots *slots,
				 const struct slot_share *share, enum slot_class class)
{
	return slots->count[class] - is_reserved(slots, share, class);
}

static void look_at(const struct slots *slots, const struct slot_share *share,
		    enum slot_class class, unsigned int i, struct look *look)
{
	int fd = slot_file_lock(slots->runtime_fd, class, i, 0);

	if (fd >= 0 && look->fd < 0 && (i > 0 || !is_reserved(slots, share, class))) {
		look->fd = fd;
		return;
	}
	if (fd >= 0)
		(void)close(fd); /* nothing was written */
	else if (fd != -EAGAIN)
		look->error = fd;
	else if (slot_file_key(slots->runtime_fd, class, i) == share->key) {
		look->own++;
		look->own_index = i;
	}
}

/* A free slot is found from `first` on: handlers that wait begin at different ones. */
static void look_at_all(const struct slots *slots, const struct slot_share *share,
			enum slot_class class, const struct slot_admission *admission,
			struct look *ret)
{
	const unsigned int count = slots->count[class];

	*ret = (struct look){ .fd = admission->fd, .own_index = SLOT_NONE };
	ret->own = slot_disk_count(slots->runtime_fd, class, share->key);
	for (unsigned int i = 0; i < count; i++) {
		unsigned int at = (admission->first + i) % count;

		if (admission->fd < 0 || at != admission->index)
			look_at(slots, share, class, at, ret);
	}
}

static int lock_all(const struct slots *slots, int64_t until)
{
	_cleanup_fd_ int fd = runtime_file(slots->runtime_fd, LOCK_FILE);
	int64_t left = until - clock_usec(CLOCK_MONOTONIC);
	int r = fd < 0 ? fd : lock_within(fd, left > LOCK_WAIT ? left : LOCK_WAIT);

	return r < 0 ? r : TAKE_FD(fd);
}

/* The next one that a process which may not have the first one waits for. */
static unsigned int next_to_wait_for(const struct slots *slots,
				     const struct slot_share *share,
				     enum slot_class class, unsigned int first)
{
	unsigned int at = first % slots->count[class];

	return at == 0 && is_reserved(slots, share, class) ? 1 : at;
}

static int choose(const struct slots *slots, const struct slot_share *share,
		  enum slot_class class, const struct look *look,
		  struct slot_admission *admission)
{
	if (slots->count[class] > 1 && look->own >= slot_admission_share(slots, class)) {
		admission->index = look->own_index;
		return -EDQUOT;
	}
	admission->index = next_to_wait_for(slots, share, class, admission->first);
	if (look->fd >= 0)
		return slot_file_sign(look->fd, share->key);
	return look->error < 0 ? look->error : -EAGAIN;
}

int slot_admission_try(const struct slots *slots, const struct slot_share *share,
		       enum slot_class class, int64_t until,
		       struct slot_admission *admission)
{
	_cleanup_fd_ int lock = lock_all(slots, until);
	struct look look;
	int r;

	if (lock < 0) {
		cleanup_fd(&admission->fd);
		admission->fd = -1;
		return lock;
	}
	look_at_all(slots, share, class, admission, &look);
	admission->fd = -1;
	r = choose(slots, share, class, &look, admission);
	if (r == 0)
		return look.fd;
	cleanup_fd(&look.fd);
	return r;
}
