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

static void get_entries(struct rate_table *table, const struct rate_who *who,
			const struct rate_limits *limits, int64_t now,
			struct rate_answer *ret)
{
	uint64_t key = rate_key(who->exe, who->service, who->uid);

	ret->program = rate_entry_get(table, key, who->user, now, limits->period);
	if (who->user != RATE_ROOT)
		ret->user = rate_entry_get(table, 0, who->user, now, limits->period);
	if (ret->program) {
		set_name(ret->program, who->exe);
		ret->program->uid = who->uid;
		ret->program->last = now;
	}
	if (ret->user) {
		ret->user->uid = who->user;
		ret->user->last = now;
	}
}

static void give_dump(struct rate_answer *answer)
{
	answer->verdict = RATE_CONFIGURED;
	answer->program->dumps++;
	if (answer->user)
		answer->user->dumps++;
	answer->crashes = crashes_of(answer->program);
}

static void give_mini(struct rate_answer *answer, bool by_user)
{
	answer->verdict = RATE_MINI;
	answer->by_user = by_user;
	answer->program->mini++;
	if (answer->user)
		answer->user->mini++;
	answer->crashes = crashes_of(by_user ? answer->user : answer->program);
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

static void give_record(bool by_user, int64_t now, int64_t gap,
			struct rate_answer *answer)
{
	struct rate_entry *entry = by_user ? answer->user : answer->program;

	entry->over++;
	answer->by_user = by_user;
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
	if (answer->program)
		rate_entry_seal(answer->program);
	if (answer->user)
		rate_entry_seal(answer->user);
}

void rate_decide(struct rate_table *table, const struct rate_who *who,
		 const struct rate_limits *limits, int64_t now, struct rate_answer *ret)
{
	bool user_dumps, user_mini;

	*ret = (struct rate_answer){ .verdict = RATE_RECORD };
	get_entries(table, who, limits, now, ret);
	if (!ret->program || (who->user != RATE_ROOT && !ret->user)) {
		/* no room to count in: a record of its own is what cannot be too much */
		ret->program = ret->user = NULL;
		return;
	}
	user_dumps = !ret->user || ret->user->dumps < limits->user_dumps;
	user_mini = !ret->user || ret->user->mini < limits->user_mini;
	if (ret->program->dumps < limits->dumps && user_dumps)
		give_dump(ret);
	else if (ret->program->mini < limits->mini && user_mini)
		give_mini(ret, ret->program->dumps < limits->dumps);
	else
		give_record(ret->program->mini < limits->mini, now, gap_of(limits), ret);
	seal(ret);
}

void rate_due(struct rate_table *table, const struct rate_who *who, bool by_user,
	      int64_t now, struct rate_answer *ret)
{
	uint64_t key = by_user ? 0 : rate_key(who->exe, who->service, who->uid);
	struct rate_entry *entry = rate_entry_find(table, key, who->user);

	*ret = (struct rate_answer){ .verdict = RATE_COUNTED, .by_user = by_user };
	if (!entry) {
		/* the table was lost, and the count with it: this crash is none the less */
		ret->verdict = RATE_RECORD;
		return;
	}
	ret->crashes = crashes_of(entry);
	*(by_user ? &ret->user : &ret->program) = entry;
	if (entry->pending == 0)
		return;
	entry->pending--; /* this one has its record now */
	tell(entry, now, ret);
	seal(ret);
}
