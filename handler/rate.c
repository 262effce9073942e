/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "handler/rate.h"

#define GAP_MIN 1000000

bool rate_is_limited(const struct rate_limits *limits)
{
	return limits->dumps != UINT64_MAX || limits->user_dumps != UINT64_MAX;
}

static int64_t gap_of(const struct rate_limits *limits)
{
	int64_t gap = limits->period / 100;

	if (gap < GAP_MIN)
		gap = GAP_MIN;
	return gap < RATE_GAP ? gap : RATE_GAP;
}

static uint64_t crashes_of(const struct rate_entry *entry)
{
	return entry->dumps + entry->mini + entry->over;
}

/* The end of a path tells more than its beginning. */
static void set_name(struct rate_entry *entry, const char *exe)
{
	size_t n = exe ? strlen(exe) : 0;

	if (n >= RATE_NAME)
		exe += n - (RATE_NAME - 1);
	(void)snprintf(entry->name, sizeof(entry->name), "%s", exe ? exe : "");
}

/* In place of a group: no path and no unit begins so. */
static const char all_containers[] = "\001";

static uint64_t key_of(const struct rate_who *who, enum rate_by by)
{
	switch (by) {
	case RATE_BY_PROGRAM:
		return rate_key(who->exe, who->group, who->uid);
	case RATE_BY_LOOP:
		return rate_key(who->exe, all_containers, who->uid);
	default:
		return 0; /* of a user */
	}
}

/* Who has an entry of this kind. root's own programs have no limit together. */
static bool has_entry(const struct rate_who *who, enum rate_by by)
{
	return by == RATE_BY_PROGRAM || (by == RATE_BY_LOOP && who->contained) ||
	       (by == RATE_BY_USER && who->user != RATE_ROOT);
}

/* A container's entries are its own, but the one of all containers is the user's who runs them. */
static int64_t owner_of(const struct rate_who *who, enum rate_by by)
{
	return by == RATE_BY_LOOP ? who->uid : who->user;
}

static void begin(struct rate_entry *entry, const struct rate_who *who, enum rate_by by,
		  int64_t now)
{
	if (by != RATE_BY_USER)
		set_name(entry, who->exe);
	entry->uid = by == RATE_BY_USER ? who->user : who->uid;
	entry->last = now;
}

/* Return: all are there in which it has to be counted. */
static bool get_entries(struct rate_table *table, const struct rate_who *who,
			const struct rate_limits *limits, int64_t now,
			struct rate_answer *ret)
{
	for (enum rate_by by = 0; by < RATE_BYS; by++) {
		struct rate_entry *entry;

		if (!has_entry(who, by))
			continue;
		entry = rate_entry_get(table, key_of(who, by), owner_of(who, by), now,
				       limits->period);
		if (!entry)
			return false;
		begin(entry, who, by, now);
		ret->entries[by] = entry;
	}
	return true;
}

static uint64_t times(uint64_t limit, uint64_t n)
{
	uint64_t product;

	return __builtin_mul_overflow(limit, n, &product) ? UINT64_MAX : product;
}

static uint64_t most(const struct rate_limits *limits, enum rate_by by, bool mini)
{
	if (by == RATE_BY_USER)
		return mini ? limits->user_mini : limits->user_dumps;
	return times(mini ? limits->mini : limits->dumps,
		     by == RATE_BY_LOOP ? RATE_LOOP : 1);
}

static bool refuses(const struct rate_answer *answer, const struct rate_limits *limits,
		    enum rate_by by, bool mini)
{
	const struct rate_entry *entry = answer->entries[by];

	return entry && (mini ? entry->mini : entry->dumps) >= most(limits, by, mini);
}

/* Return: RATE_BYS: nobody. */
static enum rate_by refused_by(const struct rate_answer *answer,
			       const struct rate_limits *limits, bool mini)
{
	enum rate_by by = 0;

	while (by < RATE_BYS && !refuses(answer, limits, by, mini))
		by++;
	return by;
}

static void give_dump(struct rate_answer *answer)
{
	answer->verdict = RATE_CONFIGURED;
	for (enum rate_by by = 0; by < RATE_BYS; by++) {
		if (answer->entries[by])
			answer->entries[by]->dumps++;
	}
	answer->crashes = crashes_of(answer->entries[RATE_BY_PROGRAM]);
}

static void give_mini(struct rate_answer *answer, enum rate_by by)
{
	answer->verdict = RATE_MINI;
	answer->by = by;
	for (enum rate_by i = 0; i < RATE_BYS; i++) {
		if (answer->entries[i])
			answer->entries[i]->mini++;
	}
	answer->crashes = crashes_of(answer->entries[by]);
}

/* All that waits to be told of is told by this record. */
static void tell(struct rate_entry *entry, int64_t now, struct rate_answer *answer)
{
	answer->verdict = RATE_RECORD;
	answer->repeated = entry->pending;
	entry->pending = 0;
	entry->told = now;
}

/* A time to come is an earlier boot's. */
static bool told_lately(const struct rate_entry *entry, int64_t now, int64_t gap)
{
	return entry->told != 0 && entry->told <= now && now - entry->told < gap;
}

static void give_record(enum rate_by by, int64_t now, int64_t gap,
			struct rate_answer *answer)
{
	struct rate_entry *entry = answer->entries[by];

	entry->over++;
	answer->by = by;
	answer->crashes = crashes_of(entry);
	if (!told_lately(entry, now, gap)) {
		tell(entry, now, answer);
		return;
	}
	entry->pending++;
	answer->verdict = entry->pending == 1 ? RATE_WAIT : RATE_COUNTED;
	answer->when = entry->told + gap;
}

static void seal(struct rate_answer *answer)
{
	for (enum rate_by by = 0; by < RATE_BYS; by++) {
		if (answer->entries[by])
			rate_entry_seal(answer->entries[by]);
	}
}

void rate_decide(struct rate_table *table, const struct rate_who *who,
		 const struct rate_limits *limits, int64_t now, struct rate_answer *ret)
{
	enum rate_by dumps, mini;

	*ret = (struct rate_answer){ .verdict = RATE_RECORD };
	if (!get_entries(table, who, limits, now, ret)) {
		/* no room to count in: a record of its own is what cannot be too much */
		*ret = (struct rate_answer){ .verdict = RATE_RECORD };
		return;
	}
	dumps = refused_by(ret, limits, false);
	mini = refused_by(ret, limits, true);
	if (dumps == RATE_BYS)
		give_dump(ret);
	else if (mini == RATE_BYS)
		give_mini(ret, dumps);
	else /* of what refuses all, the widest: its records are one's */
		give_record(refuses(ret, limits, dumps, true) ? dumps : mini, now,
			    gap_of(limits), ret);
	seal(ret);
}

int64_t rate_container(const char *id)
{
	return (INT64_C(1) << 32) + (int64_t)(rate_key(id, NULL, 0) & INT32_MAX);
}

void rate_due(struct rate_table *table, const struct rate_who *who, enum rate_by by,
	      int64_t now, struct rate_answer *ret)
{
	struct rate_entry *entry =
		rate_entry_find(table, key_of(who, by), owner_of(who, by));

	*ret = (struct rate_answer){ .verdict = RATE_COUNTED, .by = by };
	if (!entry) {
		/* the table was lost, and the count with it: this crash is none the less */
		ret->verdict = RATE_RECORD;
		return;
	}
	ret->crashes = crashes_of(entry);
	ret->entries[by] = entry;
	if (entry->pending == 0)
		return;
	entry->pending--; /* this one has its record now */
	tell(entry, now, ret);
	seal(ret);
}
