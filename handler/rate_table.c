/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>

#include "handler/rate_table.h"

/* "dumprate", and the layout's number. */
#define MAGIC (UINT64_C(0x6475707261746500) + 1)

/* FNV-1a: finds bytes that were torn or hit by chance; nobody but root can write here. */
#define SUM_START UINT64_C(0xcbf29ce484222325)
#define SUM_PRIME UINT64_C(0x100000001b3)

_Static_assert(sizeof(struct rate_entry) == 192, "the layout is MAGIC's");

static uint64_t sum_bytes(uint64_t sum, const void *bytes, size_t n)
{
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ byte[i]) * SUM_PRIME;
	return sum;
}

static uint64_t sum_text(uint64_t sum, const char *text)
{
	return sum_bytes(sum, text ? text : "", text ? strlen(text) + 1 : 1);
}

static uint64_t sum_of(const struct rate_entry *entry)
{
	const size_t from = offsetof(struct rate_entry, key);

	return sum_bytes(SUM_START, (const uint8_t *)entry + from, sizeof(*entry) - from);
}

void rate_entry_seal(struct rate_entry *entry)
{
	entry->sum = sum_of(entry);
}

void rate_table_init(struct rate_table *table)
{
	memset(table, 0, sizeof(*table));
	table->magic = MAGIC;
}

static void check_entries(struct rate_entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (entries[i].start == 0)
			continue;
		if (entries[i].sum != sum_of(&entries[i]) || entries[i].start < 0)
			entries[i] = (struct rate_entry){ .start = 0 };
		entries[i].name[RATE_NAME - 1] = '\0';
	}
}

bool rate_table_check(struct rate_table *table)
{
	if (table->magic != MAGIC) {
		rate_table_init(table);
		return false;
	}
	check_entries(table->programs, RATE_PROGRAMS);
	check_entries(table->users, RATE_USERS);
	return true;
}

uint64_t rate_key(const char *exe, const char *group, int64_t uid)
{
	uint64_t key = sum_text(sum_text(SUM_START, exe), group);

	key = sum_bytes(key, &uid, sizeof(uid));
	return key ? key : 1;
}

/* A start to come is of an earlier boot, where the directory outlived it. */
static bool is_over(const struct rate_entry *entry, int64_t now, int64_t period)
{
	return entry->start == 0 || entry->start > now || now - entry->start >= period;
}

static struct rate_entry *find(struct rate_entry *entries, size_t n, uint64_t key,
			       int64_t user)
{
	for (size_t i = 0; i < n; i++) {
		if (entries[i].start != 0 && entries[i].key == key &&
		    entries[i].user == user)
			return &entries[i];
	}
	return NULL;
}

static size_t count_of(const struct rate_entry *entries, size_t n, int64_t user)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += entries[i].start != 0 && entries[i].user == user;
	return count;
}

/* NULL: all of them have crashes to tell of. */
static struct rate_entry *oldest_of(struct rate_entry *entries, size_t n, int64_t user)
{
	struct rate_entry *oldest = NULL;

	for (size_t i = 0; i < n; i++) {
		if (entries[i].start != 0 && entries[i].user == user &&
		    entries[i].pending == 0 &&
		    (!oldest || entries[i].last < oldest->last))
			oldest = &entries[i];
	}
	return oldest;
}

static struct rate_entry *unused(struct rate_entry *entries, size_t n, int64_t now,
				 int64_t period)
{
	for (size_t i = 0; i < n; i++) {
		if (entries[i].start == 0 ||
		    (entries[i].pending == 0 && is_over(&entries[i], now, period)))
			return &entries[i];
	}
	return NULL;
}

/* Of who has the most entries, among those that have one to give. */
static struct rate_entry *given_up(struct rate_entry *entries, size_t n)
{
	struct rate_entry *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < n; i++) {
		struct rate_entry *oldest = oldest_of(entries, n, entries[i].user);
		size_t count;

		if (!oldest)
			continue;
		count = count_of(entries, n, entries[i].user);
		if (count > most ||
		    (best && count == most && oldest->last < best->last)) {
			best = oldest;
			most = count;
		}
	}
	return best;
}

/* root's programs are as many as services; all the others together are not. */
static struct rate_entry *make_room(struct rate_entry *entries, size_t n, int64_t user,
				    int64_t now, int64_t period)
{
	struct rate_entry *entry;

	if (user != RATE_ROOT && count_of(entries, n, user) >= RATE_SHARE)
		return oldest_of(entries, n, user);
	entry = unused(entries, n, now, period);
	return entry ? entry : given_up(entries, n);
}

struct rate_entry *rate_entry_find(struct rate_table *table, uint64_t key, int64_t user)
{
	return key ? find(table->programs, RATE_PROGRAMS, key, user)
		   : find(table->users, RATE_USERS, key, user);
}

struct rate_entry *rate_entry_get(struct rate_table *table, uint64_t key, int64_t user,
				  int64_t now, int64_t period)
{
	struct rate_entry *entries = key ? table->programs : table->users;
	size_t n = key ? RATE_PROGRAMS : RATE_USERS;
	struct rate_entry *entry = find(entries, n, key, user);

	if (!entry) {
		entry = make_room(entries, n, user, now, period);
		if (!entry)
			return NULL;
		*entry = (struct rate_entry){ .key = key, .user = user, .start = now };
	} else if (is_over(entry, now, period)) {
		entry->start = now;
		entry->dumps = entry->mini = entry->over = 0;
	}
	return entry;
}
