/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "handler/runtime.h"
#include "handler/slot_admission.h"
#include "handler/slot_disk.h"

/*
 * Locked for a look. For whom each slot was taken last, as an int64_t for each: first the small ones, as many as there
 * can be, then the large ones. What it says of a slot that nobody has means nothing.
 */
#define TABLE_FILE "slots"

/* µs. A look takes some tens of them. Whoever keeps the table locked for longer than this is a stopped process. */
#define LOCK_WAIT 1000000

/* What is known of a class while the table is locked. */
struct look {
	int table_fd;
	int64_t keys[SLOTS_SMALL_MAX];
	unsigned int own; /* slots that the share has */
	unsigned int own_index; /* one of them, or SLOT_NONE */
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

static uint64_t place_of(enum slot_class class, unsigned int i)
{
	return ((class == SLOT_LARGE ? SLOTS_SMALL_MAX : 0) + i) * sizeof(int64_t);
}

static int lock_table(const struct slots *slots, int64_t until)
{
	_cleanup_fd_ int fd = runtime_file(slots->runtime_fd, TABLE_FILE);
	int64_t left = until - clock_usec(CLOCK_MONOTONIC);
	int r = fd < 0 ? fd : lock_within(fd, left > LOCK_WAIT ? left : LOCK_WAIT);

	return r < 0 ? r : TAKE_FD(fd);
}

/* Of a table that is shorter, or cannot be read, nobody had the rest. candidate: a slot that the caller has. */
static void count_own(const struct slots *slots, const struct slot_share *share,
		      enum slot_class class, unsigned int candidate, struct look *look)
{
	const unsigned int count = slots->count[class];
	ssize_t n;

	memset(look->keys, 0, sizeof(look->keys));
	n = io_pread_full(look->table_fd, look->keys, count * sizeof(look->keys[0]),
			  place_of(class, 0));
	look->own = slot_disk_count(slots->runtime_fd, class, share->key);
	look->own_index = SLOT_NONE;
	for (unsigned int i = 0; n > 0 && i < (size_t)n / sizeof(look->keys[0]); i++) {
		if (look->keys[i] != share->key || i == candidate ||
		    !slot_file_is_taken(slots->runtime_fd, class, i))
			continue;
		look->own++;
		look->own_index = i;
	}
}

/* From `first` on, as handlers begin at different ones. Return: a descriptor or negative errno. */
static int find_free(const struct slots *slots, const struct slot_share *share,
		     enum slot_class class, struct slot_admission *admission)
{
	const unsigned int count = slots->count[class];
	int r = -EAGAIN;

	for (unsigned int i = 0; i < count && r == -EAGAIN; i++) {
		admission->index = (admission->first + i) % count;
		if (admission->index > 0 || !is_reserved(slots, share, class))
			r = slot_file_lock(slots->runtime_fd, class, admission->index, 0);
	}
	return r;
}

/* All slots are taken. Is this one of another share, which has its half? */
static bool is_of_a_full_share(const struct slots *slots, const struct slot_share *share,
			       enum slot_class class, const struct look *look,
			       unsigned int i)
{
	unsigned int n = 0;

	if (look->keys[i] == share->key)
		return false;
	for (unsigned int k = 0; k < slots->count[class]; k++)
		n += look->keys[k] == look->keys[i];
	return n >= slot_admission_share(slots, class);
}

/*
 * The slot that a handler waits for, from `first` on. Left out are the reserved slot, where the share may not have it,
 * and slots of shares that have half of the class: their workers may hang, and their own handlers wait for them, too.
 * Where no other is left, these count as well.
 */
static unsigned int next_to_wait_for(const struct slots *slots,
				     const struct slot_share *share,
				     enum slot_class class, const struct look *look,
				     unsigned int first)
{
	const unsigned int count = slots->count[class];
	unsigned int at = first % count;

	for (unsigned int i = 0; i < count; i++) {
		unsigned int next = (first + i) % count;

		if ((next > 0 || !is_reserved(slots, share, class)) &&
		    !is_of_a_full_share(slots, share, class, look, next))
			return next;
	}
	return at == 0 && is_reserved(slots, share, class) ? 1 : at;
}

static int choose(const struct slots *slots, const struct slot_share *share,
		  enum slot_class class, struct look *look,
		  struct slot_admission *admission)
{
	_cleanup_fd_ int fd = TAKE_FD(admission->fd);
	int r;

	count_own(slots, share, class, fd >= 0 ? admission->index : SLOT_NONE, look);
	if (slots->count[class] > 1 && look->own >= slot_admission_share(slots, class)) {
		admission->index = look->own_index;
		return -EDQUOT;
	}
	if (fd < 0)
		fd = find_free(slots, share, class, admission);
	if (fd < 0) {
		admission->index =
			next_to_wait_for(slots, share, class, look, admission->first);
		return fd;
	}
	r = io_pwrite_full(look->table_fd, &share->key, sizeof(share->key),
			   place_of(class, admission->index));
	return r < 0 ? r : TAKE_FD(fd);
}

int slot_admission_try(const struct slots *slots, const struct slot_share *share,
		       enum slot_class class, int64_t until,
		       struct slot_admission *admission)
{
	struct look look; /* large: choose() fills what it looks at */
	int r = lock_table(slots, until);

	look.table_fd = r;
	if (r < 0)
		cleanup_fd(&admission->fd);
	else
		r = choose(slots, share, class, &look, admission);
	admission->fd = -1;
	cleanup_fd(&look.table_fd);
	return r;
}
