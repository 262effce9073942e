/* SPDX-License-Identifier: MIT */
/*
 * How many dumps a program gets in a time. A program that crashes again and again gets some as
 * configured, then some of type mini, then records; all of a user's programs together have such a
 * limit, too. One entry counts for each program (an executable, as one user runs it, in one service)
 * and one for each user. Pure: what is counted so far, a crash and the time in, a verdict out.
 *
 * What a program does not get does not count for its user: who crashes all the time does not take
 * what the user's other programs may have.
 *
 * Records are not one for each crash, or they would push all else out of the journal: the
 * first is written at once, and after that one in RATE_GAP at most, which says how many crashes it
 * stands for. The first crash that has to wait waits for all of them (RATE_WAIT).
 *
 * root has no limit for all its programs, which are most of a machine's services; each of them
 * has its own.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "handler/rate_table.h"

/* µs between two records of the same, at most; for short periods a hundredth, a second at least. */
#define RATE_GAP 10000000

enum rate_verdict {
	RATE_CONFIGURED, /* a dump as configured */
	RATE_MINI, /* mini or less */
	RATE_RECORD, /* a record only, now */
	RATE_WAIT, /* a record only, at `when`: ask rate_due() then */
	RATE_COUNTED, /* nothing to do: one that waits has counted it */
};

struct rate_limits {
	int64_t period; /* µs */
	/* UINT64_MAX: no limit */
	uint64_t dumps, mini; /* of a program */
	uint64_t user_dumps, user_mini; /* of a user */
};

/* Who crashed. */
struct rate_who {
	const char *exe, *service; /* NULL: unknown, or in none */
	int64_t uid; /* real; -1: unknown */
	int64_t user; /* for whom it counts: who is logged in, else uid */
};

struct rate_answer {
	enum rate_verdict verdict;
	bool by_user; /* the user's limit is what does not allow more */
	uint64_t crashes; /* in this period, of the program or of the user */
	uint64_t repeated; /* RATE_RECORD: earlier crashes that this record is for */
	int64_t when; /* RATE_WAIT */
	/* What was changed: two entries at most, NULL: none. */
	struct rate_entry *program, *user;
};

/* Is there anything to count? */
bool rate_is_limited(const struct rate_limits *limits);

/* now: µs of CLOCK_BOOTTIME, which goes on while a machine sleeps. The table is changed. */
void rate_decide(struct rate_table *table, const struct rate_who *who,
		 const struct rate_limits *limits, int64_t now, struct rate_answer *ret);

/*
 * RATE_WAIT is over: *ret->verdict becomes RATE_RECORD, or RATE_COUNTED where another record was
 * written meanwhile that has it. by_user: of the answer before.
 */
void rate_due(struct rate_table *table, const struct rate_who *who, bool by_user,
	      int64_t now, struct rate_answer *ret);
