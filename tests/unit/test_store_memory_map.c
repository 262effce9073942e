/* SPDX-License-Identifier: MIT */
/*
 * The drop map's bytes: what goes in comes out, and no bytes do harm.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "tests/unit/table.h"

#include "store/frame.h"
#include "store/memory_map.h"

static void add(struct memory_map *map, uint64_t start, uint64_t end, const char *fate,
		const char *rank, const char *name, uint8_t flags)
{
	const struct memory_map_range range = {
		.start = start,
		.end = end,
		.fate = fate,
		.rank = rank,
		.name = name,
		.name_size = name ? strlen(name) : 0,
		.flags = flags,
	};

	assert_int_equal(memory_map_add(map, &range), 0);
}

/* Five ranges of three mappings. */
static void small_map(struct memory_map *map)
{
	memset(map, 0, sizeof(*map));
	add(map, 0x1000, 0x2000, "kept", "object", "/bin/x", 5 | MEMORY_MAP_FIRST);
	add(map, 0x2000, 0x9000, "file", "rest", "/bin/x", 5);
	add(map, 0x10000, 0x11000, "secret", "private", NULL, 6 | MEMORY_MAP_FIRST);
	add(map, 0x11000, 0x11010, "kept", "pointee", NULL, 6);
	add(map, UINT64_MAX - 4095, UINT64_MAX, "not-offered", "none", "[vsyscall]",
	    4 | MEMORY_MAP_FIRST);
}

static void test_round(void **state)
{
	_cleanup_memory_map_ struct memory_map map, back = { 0 };
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t n;

	(void)state;
	small_map(&map);
	assert_int_equal(map.words.count, 9);
	assert_int_equal(map.names.count, 2);
	assert_int_equal(memory_map_encode(&map, &bytes, &n), 0);
	assert_int_equal(memory_map_decode(bytes, n, &back), 0);
	assert_int_equal(back.count, 5);
	assert_int_equal(back.size, map.size);
	for (size_t i = 0; i < map.count; i++) {
		const struct memory_map_entry *a = &map.entries[i], *b = &back.entries[i];

		assert_int_equal(a->start, b->start);
		assert_int_equal(a->end, b->end);
		assert_int_equal(a->flags, b->flags);
		assert_string_equal(memory_map_fate(&map, a), memory_map_fate(&back, b));
		assert_string_equal(memory_map_rank(&map, a), memory_map_rank(&back, b));
		assert_int_equal(!memory_map_name(&map, a), !memory_map_name(&back, b));
	}
	assert_string_equal(memory_map_name(&back, &back.entries[1]), "/bin/x");
	assert_null(memory_map_name(&back, &back.entries[2]));
	assert_string_equal(memory_map_name(&back, &back.entries[4]), "[vsyscall]");
	assert_string_equal(memory_map_fate(&back, &back.entries[2]), "secret");
	assert_string_equal(memory_map_rank(&back, &back.entries[3]), "pointee");
}

static void test_empty(void **state)
{
	_cleanup_memory_map_ struct memory_map map = { 0 }, back = { 0 };
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t n;

	(void)state;
	assert_int_equal(memory_map_encode(&map, &bytes, &n), 0);
	assert_int_equal(n, MEMORY_MAP_HEADER);
	assert_int_equal(memory_map_decode(bytes, n, &back), 0);
	assert_int_equal(back.count, 0);
}

static void test_refused(void **state)
{
	static char long_name[UINT16_MAX + 1];
	_cleanup_memory_map_ struct memory_map map;
	const struct memory_map_range rows[] = {
		{ 1, 2, "kept", "rest", NULL, 0, 0 }, /* not behind */
		{ UINT64_MAX, UINT64_MAX, "kept", "rest", NULL, 0, 0 }, /* empty */
		{ UINT64_MAX, 3, "kept", "rest", NULL, 0, 0 }, /* backwards */
	};
	struct memory_map_range words = { 0x20000, 0x21000, "Kept", "rest", NULL, 0, 0 };

	(void)state;
	small_map(&map);
	map.count = 4; /* room behind */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(memory_map_add(&map, &rows[i]), -EINVAL);
	assert_int_equal(memory_map_add(&map, &words), -EINVAL);
	words.fate = "";
	assert_int_equal(memory_map_add(&map, &words), -EINVAL);
	words.fate = "a-word-that-is-too-long-for-one--";
	assert_int_equal(memory_map_add(&map, &words), -EINVAL);
	words.fate = "kept";
	words.name = "a\0b";
	words.name_size = 3;
	assert_int_equal(memory_map_add(&map, &words), -EINVAL);
	memset(long_name, 'x', sizeof(long_name));
	words.name = long_name;
	words.name_size = sizeof(long_name);
	assert_int_equal(memory_map_add(&map, &words), -EINVAL);
	words.name_size--;
	assert_int_equal(memory_map_add(&map, &words), 0);
}

/* 70,000 mappings in 78,000 pieces fit many times over; what does not, is told. */
static void test_many(void **state)
{
	_cleanup_memory_map_ struct memory_map map = { 0 }, back = { 0 };
	_cleanup_free_ uint8_t *bytes = NULL;
	char name[4096];
	size_t n;
	int r = 0;

	(void)state;
	for (uint64_t i = 0; i < 78000; i++)
		add(&map, i << 13, (i << 13) + 4096, i % 2 ? "kept" : "budget", "private",
		    i % 3 ? "/usr/lib/libc.so.6" : NULL, 6);
	assert_int_equal(map.names.count, 1);
	assert_int_equal(memory_map_encode(&map, &bytes, &n), 0);
	assert_true(n < 2 << 20);
	assert_int_equal(memory_map_decode(bytes, n, &back), 0);
	assert_int_equal(back.count, 78000);
	for (uint64_t i = 78000; r == 0; i++) {
		struct memory_map_range range = { i << 13, (i << 13) + 1, "kept", "rest",
						  name,	   sizeof(name),  0 };

		memset(name, 'x', sizeof(name));
		memcpy(name, &(uint64_t){ 0x0101010101010101 + i % 200 }, 8);
		name[8] = (char)(1 + i / 200 % 200);
		name[9] = (char)(1 + i / 40000 % 200);
		r = memory_map_add(&map, &range);
		assert_true(map.size <= MEMORY_MAP_MAX);
	}
	assert_int_equal(r, -E2BIG);
}

static void test_cut_at_every_byte(void **state)
{
	_cleanup_memory_map_ struct memory_map map, back = { 0 };
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t n;

	(void)state;
	small_map(&map);
	assert_int_equal(memory_map_encode(&map, &bytes, &n), 0);
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ uint8_t *cut = malloc(i + 1);

		memcpy(cut, bytes, i);
		assert_int_equal(memory_map_decode(cut, i, &back), -EBADMSG);
		assert_int_equal(back.count, 0);
	}
	bytes = realloc(bytes, n + 1);
	bytes[n] = 0;
	assert_int_equal(memory_map_decode(bytes, n + 1, &back), -EBADMSG);
}

/* Whatever comes out of changed bytes is sound: indices, order, texts. */
static void check_sound(const struct memory_map *map)
{
	uint64_t end = 0;

	for (size_t i = 0; i < map->count; i++) {
		const struct memory_map_entry *e = &map->entries[i];
		const char *name = memory_map_name(map, e);

		assert_true(e->start >= end && e->start < e->end);
		end = e->end;
		assert_true(strlen(memory_map_fate(map, e)) <= MEMORY_MAP_WORD_MAX);
		assert_true(strlen(memory_map_rank(map, e)) > 0);
		assert_true(!name || strlen(name) > 0);
	}
}

static void test_every_byte_changed(void **state)
{
	_cleanup_memory_map_ struct memory_map map;
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t n, sound = 0;

	(void)state;
	small_map(&map);
	assert_int_equal(memory_map_encode(&map, &bytes, &n), 0);
	for (size_t i = 0; i < n; i++) {
		for (int change = 1; change < 256; change++) {
			_cleanup_memory_map_ struct memory_map back = { 0 };
			int r;

			bytes[i] ^= (uint8_t)change;
			r = memory_map_decode(bytes, n, &back);
			bytes[i] ^= (uint8_t)change;
			assert_true(r == 0 || r == -EBADMSG);
			check_sound(&back);
			sound += r == 0;
		}
	}
	assert_true(sound > 100); /* names, addresses */
}

/* Where the entries of small_map begin: behind its words and names. */
#define SMALL_ENTRIES (MEMORY_MAP_HEADER + 71 + 20)

static const struct hostile {
	const char *name;
	size_t offset; /* of a number of 32 bits */
	uint32_t value;
} hostile[] = {
	{ "another magic", 0, 0x70614d65 },
	{ "a later version", 4, 2 },
	{ "words without end", 8, UINT32_MAX },
	{ "one word more than may be", 8, MEMORY_MAP_WORDS + 1 },
	{ "names without end", 12, UINT32_MAX },
	{ "entries without end", 16, UINT32_MAX },
	{ "entries whose size wraps to 120 in 32 bits", 16, 0x20000005 },
	{ "no entries", 16, 0 },
	{ "a size beyond the end of memory", SMALL_ENTRIES + 12, UINT32_MAX },
	{ "a gap beyond the end of memory", SMALL_ENTRIES + 24 + 4, UINT32_MAX },
	{ "no words", 8, 0 },
};

static void test_hostile(void **state)
{
	const struct hostile *row = *state;
	_cleanup_memory_map_ struct memory_map map, back = { 0 };
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t n;

	small_map(&map);
	assert_int_equal(memory_map_encode(&map, &bytes, &n), 0);
	assert_int_equal(n, SMALL_ENTRIES + 5 * MEMORY_MAP_ENTRY);
	frame_put_le32(bytes + row->offset, row->value);
	assert_int_equal(memory_map_decode(bytes, n, &back), -EBADMSG);
	assert_null(back.entries);
}

/* Names that no range has: each took ten times its size, and 64 MiB of them 900 MiB. */
static void test_names_of_nothing(void **state)
{
	const size_t names = 4, n = MEMORY_MAP_HEADER + 6 + names * 3 + MEMORY_MAP_ENTRY;
	_cleanup_memory_map_ struct memory_map back = { 0 };
	_cleanup_free_ uint8_t *bytes = calloc(1, n);
	uint8_t *p = bytes;

	(void)state;
	assert_non_null(bytes);
	frame_put_le32(p, MEMORY_MAP_MAGIC);
	frame_put_le32(p + 4, MEMORY_MAP_VERSION);
	frame_put_le32(p + 8, 1);
	frame_put_le32(p + 12, names);
	frame_put_le32(p + 16, 1);
	p += MEMORY_MAP_HEADER;
	memcpy(p, "\4\0kept", 6);
	p += 6;
	for (size_t i = 0; i < names; i++, p += 3)
		memcpy(p, "\1\0x", 3);
	p[8] = 1; /* its size */
	assert_int_equal(memory_map_decode(bytes, n, &back), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_nothing),
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_cut_at_every_byte),
		cmocka_unit_test(test_every_byte_changed),
	};
	int failed = RUN_TABLE(hostile, test_hostile);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
