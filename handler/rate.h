/* SPDX-License-Identifier: MIT */
/*
 * How many dumps a program gets in a time. A program that crashes again and again gets some as
 * configured, then some of type mini, then records; all of a user's programs together have such a
 * limit, too. One entry counts for each program (an executable, as one user runs it, in one pod, container or
 * service) and one for each user. A container counts as a user, its root as well; and as its programs get new entries
 * with each new container (`--rm` in a loop), an executable has RATE_LOOP times its limit in all containers of a user's
 * together. Pure: what is counted so far, a crash and the time in, a verdict out.
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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "handler/rate_table.h"

/* µs between two records of the same, at most; for short periods a hundredth, a second at least. */
#define RATE_GAP 10000000

#define RATE_LOOP 10

/* Whose limit does not allow more. */
enum rate_by {
	RATE_BY_PROGRAM,
	RATE_BY_LOOP, /* the executable, in all containers */
	RATE_BY_USER,
	RATE_BYS,
};

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
	const char *exe,
		*group; /* NULL: unknown, or in none. group: the pod, container or service */
	bool contained; /* in a pod or container, of which there may be many */
	int64_t uid; /* real; -1: unknown */
	int64_t user; /* for whom it counts: who is logged in, else uid; or rate_container() */
};

struct rate_answer {
	enum rate_verdict verdict;
	enum rate_by by; /* where not all is allowed */
	uint64_t crashes; /* in this period, of whose limit that is */
	uint64_t repeated; /* RATE_RECORD: earlier crashes that this record is for */
	int64_t when; /* RATE_WAIT */
	struct rate_entry *entries[RATE_BYS]; /* what was changed; NULL: none */
};

/* Is there anything to count? */
bool rate_is_limited(const struct rate_limits *limits);

/* now: µs of CLOCK_BOOTTIME, which goes on while a machine sleeps. The table is changed. */
void rate_decide(struct rate_table *table, const struct rate_who *who,
		 const struct rate_limits *limits, int64_t now, struct rate_answer *ret);

/* A container or pod, by its id, as a user: no number that a user has. */
int64_t rate_container(const char *id) _must_check_;

/*
 * RATE_WAIT is over: *ret->verdict becomes RATE_RECORD, or RATE_COUNTED where another record was
 * written meanwhile that has it. by: of the answer before.
 */
void rate_due(struct rate_table *table, const struct rate_who *who, enum rate_by by,
	      int64_t now, struct rate_answer *ret);
