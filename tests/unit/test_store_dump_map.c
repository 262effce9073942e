/* SPDX-License-Identifier: MIT */
/*
 * The drop map's frame in a stored dump: found where it is, refused where it is none, and
 * never in the way of what else reads the file.
 */
#include <errno.h>
#include <stdbool.h>

#include "tests/unit/temporary.h"

#include "store/dump_map.h"
#include "tests/unit/dumps.h"

static int count_bytes(void *context, const uint8_t *p, size_t n)
{
	(void)p;
	*(size_t *)context += n;
	return 0;
}

/* One range, n bytes in all, as a frame of zstd. */
static size_t small_map(uint8_t *to, size_t room)
{
	_cleanup_memory_map_ struct memory_map map = { 0 };
	const struct memory_map_range range = {
		0x1000, 0x5000, "kept", "private", "[heap]", 6, 6,
	};
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t n;

	assert_int_equal(memory_map_add(&map, &range), 0);
	assert_int_equal(memory_map_encode(&map, &bytes, &n), 0);
	n = ZSTD_compress(to, room, bytes, n, 3);
	assert_false(ZSTD_isError(n));
	return n;
}

/* n bytes of zeros in a frame: more than a map may have. */
static size_t zeros(uint8_t *to, size_t room, size_t n)
{
	_cleanup_free_ uint8_t *bytes = calloc(1, n);

	assert_non_null(bytes);
	n = ZSTD_compress(to, room, bytes, n, 1);
	assert_false(ZSTD_isError(n));
	return n;
}

static void add_good(struct made *made)
{
	uint8_t map[1024];

	made_payload(made, FRAME_MAP_MAGIC, map, small_map(map, sizeof(map)));
}

static void add_nothing(struct made *made)
{
	(void)made;
}

static void add_other_magic(struct made *made)
{
	uint8_t map[1024];

	made_payload(made, FRAME_MAP_MAGIC + 1, map, small_map(map, sizeof(map)));
}

static void add_not_last(struct made *made)
{
	add_good(made);
	made_skippable(made, 20, 20);
}

static void add_empty(struct made *made)
{
	made_payload(made, FRAME_MAP_MAGIC, "", 0);
}

static void add_no_zstd(struct made *made)
{
	made_payload(made, FRAME_MAP_MAGIC, "this is no zstd at all", 22);
}

static void add_two_frames(struct made *made)
{
	uint8_t map[2048];
	size_t n = small_map(map, 1024);

	memcpy(map + n, map, n);
	made_payload(made, FRAME_MAP_MAGIC, map, 2 * n);
}

static void add_cut(struct made *made)
{
	uint8_t map[1024];

	made_payload(made, FRAME_MAP_MAGIC, map, small_map(map, sizeof(map)) - 3);
}

static void add_too_large(struct made *made)
{
	static uint8_t frame[1 << 20];

	made_payload(made, FRAME_MAP_MAGIC, frame,
		     zeros(frame, sizeof(frame), MEMORY_MAP_MAX + 1));
}

static void add_zeros(struct made *made)
{
	static uint8_t frame[1 << 20];

	made_payload(made, FRAME_MAP_MAGIC, frame,
		     zeros(frame, sizeof(frame), MEMORY_MAP_MAX));
}

static const struct row {
	const char *name;
	void (*add)(struct made *made);
	int r;
} rows[] = {
	{ "a map", add_good, 0 },
	{ "an older dump", add_nothing, -ENOENT },
	{ "another frame", add_other_magic, -ENOENT },
	{ "a map that is not the last frame", add_not_last, -ENOENT },
	{ "an empty frame", add_empty, -EBADMSG },
	{ "no zstd", add_no_zstd, -EBADMSG },
	{ "two frames", add_two_frames, -EBADMSG },
	{ "a cut frame", add_cut, -EBADMSG },
	{ "a bomb", add_too_large, -EBADMSG },
	{ "zeros", add_zeros, -EBADMSG },
};

static int read_map(const char *directory, struct memory_map *map)
{
	_cleanup_fd_ int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dump_ struct dump *dump = NULL;
	const char *reason = NULL;
	size_t n = 0;
	int r;

	r = dump_open(fd, "x.zst", &dump);
	if (r < 0)
		return r;
	r = dump_extract(dump, count_bytes, &n, &reason);
	if (r == 0) {
		assert_int_equal(n, SMALL_SIZE);
		assert_int_equal(dump_check(dump, &reason), 0);
	}
	reason = NULL;
	r = dump_memory_map(dump, map, &reason);
	assert_int_equal(r < 0, reason != NULL);
	return r;
}

static void test_row(void **state)
{
	const struct row *row = *state;
	_cleanup_memory_map_ struct memory_map map = { 0 };
	_cleanup_made_ struct made made;
	void *directory = NULL;

	assert_int_equal(temporary_setup(&directory), 0);
	small_frames(&made, SMALL_RECORD, SMALL_SIZE);
	row->add(&made);
	made_table(&made);
	temporary_write(directory, "x.zst", made.bytes, made.n);
	assert_int_equal(read_map(directory, &map), row->r);
	assert_int_equal(map.count, row->r == 0);
	if (row->r == 0) {
		assert_int_equal(map.entries[0].end, 0x5000);
		assert_string_equal(memory_map_name(&map, &map.entries[0]), "[heap]");
	}
	assert_int_equal(temporary_teardown(&directory), 0);
}

static void test_every_byte_flipped(void **state)
{
	_cleanup_made_ struct made made;

	small_frames(&made, SMALL_RECORD, SMALL_SIZE);
	add_good(&made);
	made_table(&made);
	for (size_t i = FRAME_RECORD_SIZE; i < made.n; i++) {
		_cleanup_memory_map_ struct memory_map map = { 0 };
		int r;

		made.bytes[i] ^= (uint8_t)(1 << i % 8);
		temporary_write(*state, "x.zst", made.bytes, made.n);
		made.bytes[i] ^= (uint8_t)(1 << i % 8);
		r = read_map(*state, &map);
		assert_true(r == 0 || r == -ENODATA || r == -EBADMSG || r == -ENOENT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_byte_flipped, temporary_setup,
						temporary_teardown),
	};
	int failed = RUN_TABLE(rows, test_row);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
