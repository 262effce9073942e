/* SPDX-License-Identifier: MIT */
/*
 * Opening a stored dump: record, seek table, drop map, bytes at any place. Input: 1 byte of choices;
 * then the file, or its parts: record, drop map and core, each with two bytes of length before it.
 *
 * Whatever comes, it is an error or what it says: a record and a drop map are the same after being
 * written and read again, and bytes come out as many as the record promises.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/stored_file.h"
#include "tests/unit/dumps.h"

#include "store/dump.h"
#include "store/dump_map.h"
#include "store/dump_random.h"
#include "store/index.h"

enum choice {
	CHOICE_PARTS = 1, /* or the file itself */
	CHOICE_MAP_RAW = 2, /* the map's part is compressed already, or rubbish */
	CHOICE_NO_TABLE = 4,
	CHOICE_FLIP = 8, /* one byte of the finished file */
};

static struct input sized_part(struct input *in)
{
	return input_part(in, (size_t)input_number(in, 2));
}

static void add_map(struct made *made, struct input map, bool raw)
{
	size_t bound = ZSTD_compressBound(map.n), n = map.n;
	uint8_t *packed = malloc(bound);

	assert_non_null(packed);
	if (raw && n)
		memcpy(packed, map.p, n);
	else if (!raw)
		n = ZSTD_compress(packed, bound, map.p, map.n, 1);
	assert_false(ZSTD_isError(n));
	made_payload(made, FRAME_MAP_MAGIC, packed, n);
	free(packed);
}

static void build(struct input in, unsigned int choices, struct made *made)
{
	uint64_t flip = choices & CHOICE_FLIP ? input_number(&in, 4) : 0;
	struct input record = sized_part(&in), map = sized_part(&in);
	const size_t most = FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER;

	made_record(made, record.p, record.n < most ? record.n : most);
	made_memory(made, in.p, in.n);
	if (map.n)
		add_map(made, map, choices & CHOICE_MAP_RAW);
	if (!(choices & CHOICE_NO_TABLE))
		made_table(made);
	if (choices & CHOICE_FLIP)
		made->bytes[(flip >> 8) % made->n] ^= (uint8_t)flip;
}

static void check_record(const struct record *record)
{
	_cleanup_record_ struct record again;
	_cleanup_free_ char *json = record_to_json(record, 0);
	_cleanup_free_ char *json_again = NULL;
	_cleanup_free_ char *shortened = record_to_json(record, FRAME_RECORD_SIZE - 8);

	record_init(&again);
	assert_true(json && shortened);
	assert_true(strlen(shortened) < FRAME_RECORD_SIZE - 8);
	assert_int_equal(record_from_json(json, strlen(json), &again), 0);
	json_again = record_to_json(&again, 0);
	assert_non_null(json_again);
	assert_string_equal(json, json_again);
}

static void check_map(const struct dump *dump)
{
	_cleanup_memory_map_ struct memory_map map = { 0 };
	_cleanup_memory_map_ struct memory_map again = { 0 };
	_cleanup_free_ uint8_t *bytes = NULL;
	const char *reason = NULL;
	uint64_t end = 0;
	size_t n;
	int r = dump_memory_map(dump, &map, &reason);

	if (r < 0) {
		assert_non_null(reason);
		return;
	}
	for (size_t i = 0; i < map.count; i++) {
		const struct memory_map_entry *entry = &map.entries[i];

		assert_true(entry->start >= end && entry->end > entry->start);
		assert_non_null(memory_map_fate(&map, entry));
		assert_non_null(memory_map_rank(&map, entry));
		(void)memory_map_name(&map, entry); /* inside, or a report */
		end = entry->end;
	}
	assert_int_equal(memory_map_encode(&map, &bytes, &n), 0);
	assert_int_equal(memory_map_decode(bytes, n, &again), 0);
	assert_int_equal(again.count, map.count);
	assert_int_equal(again.size, map.size);
}

static void check_random(const struct dump *dump)
{
	_cleanup_dump_random_ struct dump_random *random = NULL;
	const char *reason = NULL;
	uint64_t size = (uint64_t)dump_record(dump)->size_dump;
	uint8_t bytes[4096];

	if (!stored_has_small_header(dump))
		return;
	if (dump_random_open(dump, &random, &reason) < 0) {
		assert_non_null(reason);
		return;
	}
	for (int i = 0; i < 20; i++) {
		uint64_t at = size / 19 * (uint64_t)i;
		ssize_t n = dump_random_pread(random, bytes, sizeof(bytes), at);

		assert_true(n <= (ssize_t)sizeof(bytes));
		if (n >= 0 && at < size)
			assert_int_equal(n, size - at < sizeof(bytes) ? size - at
								      : sizeof(bytes));
	}
}

static void check_open(int directory)
{
	_cleanup_dump_ struct dump *dump = NULL;
	const char *reason = NULL;

	if (dump_open(directory, STORED_NAME, &dump) < 0)
		return;
	check_record(dump_record(dump));
	if (dump_check(dump, &reason) < 0)
		assert_non_null(reason);
	check_map(dump);
	check_random(dump);
}

/* As `dumpctl list -D` finds it; an empty file is what is left of a dump that was removed. */
static void check_index(bool empty)
{
	_cleanup_index_ struct index index = { 0 };
	int error;

	assert_int_equal(index_load(stored_directory(), false, NULL, &index, &error), 0);
	assert_int_equal(index.count, empty ? 0 : 1);
	if (empty)
		return;
	assert_non_null(index_state_name(index.entries[0].state));
}

void fuzz_one(struct input in)
{
	unsigned int choices = (unsigned int)input_number(&in, 1);
	_cleanup_made_ struct made made = { 0 };

	if (choices & CHOICE_PARTS)
		build(in, choices, &made);
	else
		memcpy(made_room(&made, in.n), in.n ? in.p : (const uint8_t *)"", in.n);
	check_open(stored_write(made.bytes, made.n));
	check_index(made.n == 0);
}
