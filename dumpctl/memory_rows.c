/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "dumpctl/memory_rows.h"
#include "filter/fate.h"

static const enum memory_look looks[FATE_COUNT] = {
	[FATE_KEPT] = LOOK_KEPT,	   [FATE_TYPE] = LOOK_DROPPED,
	[FATE_BUDGET] = LOOK_DROPPED,	   [FATE_PACKED] = LOOK_DROPPED,
	[FATE_LIMIT] = LOOK_DROPPED,	   [FATE_CONFIG] = LOOK_DROPPED,
	[FATE_HINT] = LOOK_DROPPED,	   [FATE_SECRET] = LOOK_SECRET,
	[FATE_SCRUBBED] = LOOK_SCRUBBED,   [FATE_FILE] = LOOK_FILE,
	[FATE_UNTOUCHED] = LOOK_UNTOUCHED, [FATE_NOT_OFFERED] = LOOK_NOT_OFFERED,
	[FATE_LOST] = LOOK_LOST,
};

/* Entries of one mapping: [first, end). */
struct mapping {
	size_t first, end;
};

/* A row while its mappings are added: as if they lay one behind the other. */
struct bar {
	struct memory_row *row;
	uint64_t at;
	uint64_t bytes[MEMORY_CELLS][LOOK_COUNT];
};

enum memory_look memory_look_of(const char *fate)
{
	for (enum fate f = 0; f < FATE_COUNT; f++) {
		if (strcmp(fate_name(f), fate) == 0)
			return looks[f];
	}
	return LOOK_OTHER;
}

static bool is_kept(enum memory_look look)
{
	return look == LOOK_KEPT || look == LOOK_SCRUBBED;
}

static struct mapping *find_mappings(const struct memory_map *map, size_t *ret_count)
{
	/* One more: calloc(0) may be NULL. */
	struct mapping *mappings = calloc(map->count + 1, sizeof(*mappings));
	size_t count = 0;

	for (size_t i = 0; mappings && i < map->count; i++) {
		if (count == 0 || (map->entries[i].flags & MEMORY_MAP_FIRST))
			mappings[count++].first = i;
		mappings[count - 1].end = i + 1;
	}
	*ret_count = count;
	return mappings;
}

static bool alike(const struct memory_map *map, const struct mapping *a,
		  const struct mapping *b)
{
	const struct memory_map_entry *x = &map->entries[a->first];
	const struct memory_map_entry *y = &map->entries[b->first];

	return x->name == y->name && x->flags == y->flags;
}

/* Mappings from i on of which each is like the one `period` before it. */
static size_t run_of(const struct memory_map *map, const struct mapping *mappings,
		     size_t count, size_t i, size_t period)
{
	size_t end = i + period;

	while (end < count && alike(map, &mappings[end], &mappings[end - period]))
		end++;
	return end > count ? 0 : end - i;
}

/* Where cell number i begins; i is MEMORY_CELLS at most. */
static uint64_t cell_start(uint64_t size, size_t i)
{
	return size / MEMORY_CELLS * i + size % MEMORY_CELLS * i / MEMORY_CELLS;
}

static void add_bytes(struct bar *bar, enum memory_look look, uint64_t n)
{
	uint64_t size = bar->row->size, end = bar->at + n;

	if (is_kept(look))
		bar->row->kept += n;
	for (size_t i = 0; i < MEMORY_CELLS; i++) {
		uint64_t from = cell_start(size, i), to = cell_start(size, i + 1);

		from = from > bar->at ? from : bar->at;
		to = to < end ? to : end;
		if (from < to)
			bar->bytes[i][look] += to - from;
	}
	bar->at = end;
}

static uint64_t size_of(const struct memory_map *map, const struct mapping *mapping)
{
	uint64_t sum = 0;

	for (size_t i = mapping->first; i < mapping->end; i++)
		sum += map->entries[i].end - map->entries[i].start;
	return sum;
}

/* One byte of a secret, or of what was lost, is worth telling. */
static enum memory_look cell_look(const uint64_t bytes[LOOK_COUNT],
				  enum memory_look after)
{
	static const enum memory_look rest[] = { LOOK_DROPPED, LOOK_FILE,
						 LOOK_NOT_OFFERED, LOOK_OTHER };
	uint64_t kept = bytes[LOOK_KEPT] + bytes[LOOK_SCRUBBED], all = 0;
	enum memory_look most = after; /* of a mapping with fewer bytes than cells */

	for (size_t i = 0; i < LOOK_COUNT; i++)
		all += bytes[i];
	if (bytes[LOOK_SECRET])
		return LOOK_SECRET;
	if (bytes[LOOK_LOST])
		return LOOK_LOST;
	if (kept && kept < all)
		return LOOK_PARTLY;
	if (kept)
		return bytes[LOOK_SCRUBBED] ? LOOK_SCRUBBED : LOOK_KEPT;
	for (size_t i = 0; all && i < ARRAY_SIZE(rest); i++) {
		if (i == 0 || bytes[rest[i]] > bytes[most])
			most = rest[i];
	}
	return most;
}

/* Every period-th of the mappings [first, end) is one row's. */
static void make_row(const struct memory_map *map, const struct mapping *mappings,
		     size_t first, size_t end, size_t period, struct memory_row *row)
{
	const struct memory_map_entry *entry = &map->entries[mappings[first].first];
	struct bar bar = { .row = row };
	enum memory_look look = LOOK_OTHER;

	*row = (struct memory_row){
		.start = entry->start,
		.name = memory_map_name(map, entry),
		.flags = entry->flags,
	};
	for (size_t i = first; i < end; i += period) {
		row->size += size_of(map, &mappings[i]);
		row->mappings++;
	}
	for (size_t i = first; i < end; i += period) {
		for (size_t e = mappings[i].first; e < mappings[i].end; e++) {
			entry = &map->entries[e];
			add_bytes(&bar, memory_look_of(memory_map_fate(map, entry)),
				  entry->end - entry->start);
		}
	}
	for (size_t i = MEMORY_CELLS; i-- > 0;)
		row->cells[i] = (uint8_t)(look = cell_look(bar.bytes[i], look));
}

/*
 * How many mappings from i on become rows together, and how many rows: one by one, a run, or
 * two runs in each other, as stacks and their guards are.
 */
static size_t next_run(const struct memory_map *map, const struct mapping *mappings,
		       size_t count, size_t i, size_t *ret_period)
{
	for (size_t period = 1; period <= 2; period++) {
		size_t run = run_of(map, mappings, count, i, period);

		if (run >= MEMORY_RUN * period) {
			*ret_period = period;
			return run;
		}
	}
	*ret_period = 1;
	return 1;
}

int memory_rows_make(const struct memory_map *map, bool all, struct memory_rows *ret)
{
	_cleanup_free_ struct mapping *mappings = find_mappings(map, &ret->mappings);

	ret->count = 0;
	ret->rows = calloc(ret->mappings + 1, sizeof(*ret->rows));
	if (!mappings || !ret->rows) {
		free(ret->rows);
		ret->rows = NULL;
		return -ENOMEM;
	}
	for (size_t i = 0; i < ret->mappings;) {
		size_t period = 1;
		size_t run = all ? 1 : next_run(map, mappings, ret->mappings, i, &period);

		for (size_t phase = 0; phase < period; phase++)
			make_row(map, mappings, i + phase, i + run, period,
				 &ret->rows[ret->count++]);
		i += run;
	}
	return 0;
}

void memory_rows_done(struct memory_rows *rows)
{
	free(rows->rows);
	*rows = (struct memory_rows){ NULL, 0, 0 };
}

void memory_sums_make(const struct memory_map *map, struct memory_sums *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < map->count; i++) {
		const struct memory_map_entry *entry = &map->entries[i];
		uint64_t n = entry->end - entry->start;

		ret->fate[entry->fate] += n;
		ret->all += n;
		if (is_kept(memory_look_of(memory_map_fate(map, entry)))) {
			ret->rank_kept[entry->rank] += n;
			ret->kept += n;
		} else {
			ret->rank_left[entry->rank] += n;
		}
	}
}
