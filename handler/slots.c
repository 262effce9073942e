/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/processors.h"
#include "handler/runtime.h"
#include "handler/slots.h"

/* One dump must not keep another waiting, and beyond 16 the disk is what limits. */
#define AUTO_MIN 2
#define AUTO_MAX 16

#define SMALL_PER_LARGE 4

/* A large dump takes longer than anybody may be held for it; a moment lets a short one end. */
#define LARGE_WAIT 1000000

/* For so long a handler waits for the same slot; another one may be free. */
#define TURN 200000

void slots_init(unsigned int configured, int runtime_fd, struct slots *ret)
{
	unsigned int count = configured;

	if (count == 0) {
		count = processors_count(1);
		count = count < AUTO_MIN ? AUTO_MIN : count;
		count = count > AUTO_MAX ? AUTO_MAX : count;
	}
	*ret = (struct slots){
		.runtime_fd = runtime_fd,
		.count = { [SLOT_LARGE] = count, [SLOT_SMALL] = SMALL_PER_LARGE * count },
	};
}

static void name_of(enum slot_class class, unsigned int i, char ret[32])
{
	(void)snprintf(ret, 32, "%s.%u", class == SLOT_LARGE ? "large" : "small",
		       i); /* fits */
}

/* Return: a descriptor that has the lock; -EAGAIN: another has it. */
static int take_one(const struct slots *slots, enum slot_class class, unsigned int i,
		    int64_t usec)
{
	_cleanup_fd_ int fd = -1;
	char name[32];
	int r;

	name_of(class, i, name);
	fd = runtime_file(slots->runtime_fd, name);
	r = fd < 0 ? fd : lock_within(fd, usec);
	return r < 0 ? r : TAKE_FD(fd);
}

/* first: handlers begin at different ones. */
static int take_any(const struct slots *slots, enum slot_class class, unsigned int first)
{
	unsigned int count = slots->count[class];
	int r = -EAGAIN;

	for (unsigned int i = 0; i < count && r == -EAGAIN; i++)
		r = take_one(slots, class, (first + i) % count, 0);
	return r;
}

static int take_within(const struct slots *slots, enum slot_class class,
		       unsigned int first, int64_t until)
{
	int r = take_any(slots, class, first);
	int64_t left;

	while (r == -EAGAIN && (left = until - clock_usec(CLOCK_MONOTONIC)) > 0) {
		r = take_one(slots, class, first++ % slots->count[class],
			     left < TURN ? left : TURN);
		if (r == -EAGAIN)
			r = take_any(slots, class, first);
	}
	return r;
}

/* Return: as take_within(), and where that found none, class is left as it was. */
static int take_class(const struct slots *slots, enum slot_class class,
		      unsigned int first, int64_t until, enum slot_class *ret_class)
{
	int r = take_within(slots, class, first, until);

	if (r >= 0)
		*ret_class = class;
	return r;
}

int slots_take(const struct slots *slots, enum slot_class wants, int64_t usec,
	       enum slot_class *ret_class)
{
	const int64_t now = clock_usec(CLOCK_MONOTONIC);
	const int64_t moment = usec < LARGE_WAIT ? usec : LARGE_WAIT;
	const unsigned int first = (unsigned int)getpid();
	int r = -EAGAIN;

	if (wants == SLOT_LARGE)
		r = take_class(slots, SLOT_LARGE, first, now + moment, ret_class);
	if (r == -EAGAIN)
		r = take_class(slots, SLOT_SMALL, first, 0, ret_class);
	if (r == -EAGAIN && wants == SLOT_SMALL)
		r = take_class(slots, SLOT_LARGE, first, 0, ret_class);
	if (r == -EAGAIN)
		r = take_class(slots, SLOT_SMALL, first, now + usec, ret_class);
	return r == -EAGAIN ? -EBUSY : r;
}

int slots_take_of(const struct slots *slots, enum slot_class class, int64_t usec)
{
	const int64_t until = clock_usec(CLOCK_MONOTONIC) + usec;
	int r = take_within(slots, class, (unsigned int)getpid(), until);

	return r == -EAGAIN ? -EBUSY : r;
}

/* A shared lock, for as long as it takes to let go of it: a handler then takes another slot. */
static bool is_taken(int runtime_fd, const char *name)
{
	_cleanup_fd_ int fd =
		openat(runtime_fd, name,
		       O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

unsigned int slots_taken(const struct slots *slots, enum slot_class class)
{
	unsigned int taken = 0;
	char name[32];

	for (unsigned int i = 0; i < slots->count[class]; i++) {
		name_of(class, i, name);
		taken += is_taken(slots->runtime_fd, name);
	}
	return taken;
}
