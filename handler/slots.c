/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/processors.h"
#include "handler/slot_admission.h"
#include "handler/slots.h"

/* One dump must not keep another waiting, and beyond 16 the disk is what limits. */
#define AUTO_MIN 2
#define AUTO_MAX 16

/* A large dump takes longer than anybody may be held for it; a moment lets a short one end. */
#define LARGE_WAIT 1000000

/*
 * µs for which a handler waits for the same slot, at first and at most, twice as long each time: another one may be
 * free, and the one that it waits for may be of a worker that hangs. Hundreds that wait look at all slots in each turn.
 */
#define TURN_FIRST 2000
#define TURN_MAX   200000

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
		.count = { [SLOT_LARGE] = count,
			   [SLOT_SMALL] = SLOTS_SMALL_PER_LARGE * count },
	};
}

static bool is_full(int error)
{
	return error == -EAGAIN || error == -EDQUOT;
}

/* Where all that the share has waits for the disk there is no slot that would help. */
static void wait_turn(const struct slots *slots, enum slot_class class, int64_t usec,
		      struct slot_admission *admission)
{
	const struct timespec time = { 0, usec * 1000 };

	if (admission->index == SLOT_NONE)
		(void)nanosleep(&time, NULL); /* shorter is as good */
	else
		admission->fd =
			slot_file_lock(slots->runtime_fd, class, admission->index, usec);
	admission->first++;
}

/* first: handlers begin at different ones. Who waits for a slot gets it in turn. */
static int take_within(const struct slots *slots, const struct slot_share *share,
		       enum slot_class class, unsigned int first, int64_t until)
{
	struct slot_admission admission = { .first = first, .fd = -1 };
	int r = slot_admission_try(slots, share, class, until, &admission);
	int64_t left, turn = TURN_FIRST;

	while (is_full(r) && (left = until - clock_usec(CLOCK_MONOTONIC)) > 0) {
		wait_turn(slots, class, left < turn ? left : turn, &admission);
		turn = 2 * turn < TURN_MAX ? 2 * turn : TURN_MAX;
		r = slot_admission_try(slots, share, class, until, &admission);
	}
	return r;
}

/* One of the tries of slots_take(), in turn. */
struct slot_try {
	int64_t until;
	enum slot_class class;
	bool wanted;
};

static int try_all(const struct slots *slots, const struct slot_share *share,
		   const struct slot_try *tries, size_t count, struct slot_answer *ret)
{
	int r = -EAGAIN;

	for (size_t i = 0; i < count && is_full(r); i++) {
		if (!tries[i].wanted)
			continue;
		r = take_within(slots, share, tries[i].class, (unsigned int)getpid(),
				tries[i].until);
		if (is_full(r) && !ret->why)
			ret->why = r == -EDQUOT ? -EDQUOT : -EBUSY;
		else if (r >= 0)
			ret->class = tries[i].class;
	}
	return r;
}

int slots_take(const struct slots *slots, const struct slot_share *share,
	       enum slot_class wants, int64_t usec, struct slot_answer *ret)
{
	const int64_t now = clock_usec(CLOCK_MONOTONIC);
	const int64_t moment = usec < LARGE_WAIT ? usec : LARGE_WAIT;
	const struct slot_try tries[] = {
		{ now + moment, SLOT_LARGE, wants == SLOT_LARGE },
		{ 0, SLOT_SMALL, true },
		{ 0, SLOT_LARGE, wants == SLOT_SMALL },
		{ now + usec, SLOT_SMALL, true },
	};
	int r;

	*ret = (struct slot_answer){ .class = wants };
	r = try_all(slots, share, tries, ARRAY_SIZE(tries), ret);
	return is_full(r) ? -EBUSY : r;
}

int slots_take_of(const struct slots *slots, const struct slot_share *share,
		  enum slot_class class, int64_t usec)
{
	const int64_t until = clock_usec(CLOCK_MONOTONIC) + usec;
	int r = take_within(slots, share, class, (unsigned int)getpid(), until);

	return r == -EAGAIN ? -EBUSY : r;
}

unsigned int slots_taken(const struct slots *slots, enum slot_class class)
{
	unsigned int taken = 0;

	for (unsigned int i = 0; i < slots->count[class]; i++)
		taken += slot_file_is_taken(slots->runtime_fd, class, i);
	return taken;
}
