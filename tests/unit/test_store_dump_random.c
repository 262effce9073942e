/* SPDX-License-Identifier: MIT */
/*
 * A stored dump at any place: what comes is what extraction gives there, or an error.
 */
#include <errno.h>
#include <stdbool.h>

#include "tests/unit/temporary.h"

#include "store/dump_random.h"
#include "tests/unit/dumps.h"

struct opened {
	int directory;
	struct dump *dump;
	struct dump_random *random;
	int r;
	const char *reason; /* of r */
};

static void open_made(const char *directory, const struct made *made, struct opened *ret)
{
	temporary_write(directory, "x.zst", made->bytes, made->n);
	*ret = (struct opened){ .directory = open(directory, O_PATH | O_CLOEXEC) };
	ret->r = dump_open(ret->directory, "x.zst", &ret->dump);
	if (ret->r < 0)
		return;
	ret->r = dump_random_open(ret->dump, &ret->random, &ret->reason);
	assert_int_equal(ret->r < 0, ret->reason != NULL);
}

static void opened_done(struct opened *opened)
{
	dump_random_close(opened->random);
	dump_close(opened->dump);
	close(opened->directory);
}

static void test_everywhere(void **state)
{
	static uint8_t core[SMALL_SIZE], got[SMALL_SIZE];
	const size_t lengths[] = { 1, 8, 4096, 9000, SMALL_SIZE };
	_cleanup_made_ struct made made;
	struct opened opened;

	small_core(core);
	small_dump(&made, SMALL_RECORD, SMALL_SIZE);
	open_made(*state, &made, &opened);
	assert_int_equal(opened.r, 0);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (size_t at = 0; at < SMALL_SIZE; at += 37) {
			size_t left = SMALL_SIZE - at;
			size_t n = lengths[i] < left ? lengths[i] : left;

			assert_int_equal(
				dump_random_pread(opened.random, got, lengths[i], at), n);
			assert_memory_equal(got, core + at, n);
		}
	}
	assert_int_equal(dump_random_pread(opened.random, got, 1, SMALL_SIZE), 0);
	assert_int_equal(dump_random_pread(opened.random, got, 1, UINT64_MAX), 0);
	assert_int_equal(dump_random_pread(opened.random, got, 0, 0), 0);
	opened_done(&opened);
}

/* More frames than are kept, in an order that suits no cache. */
static void test_many_frames(void **state)
{
	enum {
		FRAMES = 29,
		STEP = 5000
	};
	static uint8_t core[FRAMES * STEP];
	_cleanup_made_ struct made made = { 0 };
	struct opened opened;
	char json[64];

	for (size_t i = 0; i < sizeof(core); i++)
		core[i] = (uint8_t)(i * 31 + i / 999);
	(void)snprintf(json, sizeof(json), "{\"size_dump\":%zu}", sizeof(core));
	made_text_record(&made, json);
	for (size_t i = 0; i < FRAMES; i++)
		made_memory(&made, core + i * STEP, STEP);
	made_table(&made);
	open_made(*state, &made, &opened);
	assert_int_equal(opened.r, 0);
	for (size_t i = 0; i < 3000; i++) {
		size_t at = i * 7919 * 13 % (sizeof(core) - 9000);
		uint8_t got[9000];

		assert_int_equal(dump_random_pread(opened.random, got, sizeof(got), at),
				 sizeof(got));
		assert_memory_equal(got, core + at, sizeof(got));
	}
	opened_done(&opened);
}

static void test_every_byte_flipped(void **state)
{
	static uint8_t core[SMALL_SIZE], got[SMALL_SIZE];
	_cleanup_made_ struct made made;
	size_t refused = 0;

	small_core(core);
	small_dump(&made, SMALL_RECORD, SMALL_SIZE);
	for (size_t i = FRAME_RECORD_SIZE; i < made.n; i++) {
		struct opened opened;
		ssize_t n = -EBADMSG;

		made.bytes[i] ^= (uint8_t)(1 << i % 8);
		open_made(*state, &made, &opened);
		made.bytes[i] ^= (uint8_t)(1 << i % 8);
		if (opened.r == 0)
			n = dump_random_pread(opened.random, got, SMALL_SIZE, 0);
		assert_true(n == SMALL_SIZE || n == -EBADMSG || n == -ENODATA);
		if (n == SMALL_SIZE)
			assert_memory_equal(got, core, SMALL_SIZE);
		refused += n < 0;
		opened_done(&opened);
	}
	assert_true(refused > 500);
}

static void build_large_frame(struct made *made)
{
	static uint8_t memory[FRAME_MEMORY_MAX + 1];

	made_text_record(made, "{\"size_dump\":2097156}");
	made_memory(made, "abc", 3);
	made_memory(made, memory, sizeof(memory));
}

/* As many bytes as 512 MiB of zeros take, but the table says more. */
static void build_large_header(struct made *made)
{
	static const uint8_t zeros[1024];

	made_text_record(made, "{\"size_dump\":536870913}");
	made_raw(made, zeros, sizeof(zeros), FRAME_HEADER_MAX + 1);
}

/* More compressed bytes than the content can take. */
static void build_blown_up(struct made *made)
{
	static const uint8_t zeros[100000];

	made_text_record(made, "{\"size_dump\":3}");
	made_raw(made, zeros, sizeof(zeros), 3);
}

static void build_not_as_recorded(struct made *made)
{
	made_text_record(made, "{\"size_dump\":4}");
	made_memory(made, "abc", 3);
}

#define NO_DUMP "its frames are not those of a dump"

static const struct row {
	const char *name;
	void (*build)(struct made *made);
	const char *reason;
} rows[] = {
	{ "a frame of more than FRAME_MEMORY_MAX", build_large_frame, NO_DUMP },
	{ "headers of more than 512 MiB", build_large_header, NO_DUMP },
	{ "more compressed than not", build_blown_up, NO_DUMP },
	{ "another size than the record's", build_not_as_recorded,
	  "its record and its seek table do not agree" },
};

static void test_refused(void **state)
{
	const struct row *row = *state;
	_cleanup_made_ struct made made = { 0 };
	void *directory = NULL;
	struct opened opened;

	assert_int_equal(temporary_setup(&directory), 0);
	row->build(&made);
	made_table(&made);
	open_made(directory, &made, &opened);
	assert_int_equal(opened.r, -EBADMSG);
	assert_string_equal(opened.reason, row->reason);
	opened_done(&opened);
	assert_int_equal(temporary_teardown(&directory), 0);
}

/* A frame that gives less, or more, than the table says: only reading it can tell. */
static void test_size_lies(void **state)
{
	for (int lie = -1; lie <= 1; lie += 2) {
		_cleanup_made_ struct made made = { 0 };
		struct opened opened;
		char json[64], got[16];

		(void)snprintf(json, sizeof(json), "{\"size_dump\":%d}", 8 + lie);
		made_text_record(&made, json);
		made_memory(&made, "good", 4);
		made_memory(&made, "evil", 4);
		made.frames[2].size = (uint32_t)(4 + lie);
		made_table(&made);
		open_made(*state, &made, &opened);
		assert_int_equal(opened.r, 0);
		assert_int_equal(dump_random_pread(opened.random, got, 4, 0), 4);
		assert_memory_equal(got, "good", 4);
		assert_int_equal(dump_random_pread(opened.random, got, 1, 4), -EBADMSG);
		assert_int_equal(dump_random_pread(opened.random, got, 2, 3), -EBADMSG);
		assert_int_equal(dump_random_pread(opened.random, got, 4, 0), 4);
		opened_done(&opened);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_everywhere),
		TEST(test_many_frames),
		TEST(test_every_byte_flipped),
		TEST(test_size_lies),
	};
	int failed = RUN_TABLE(rows, test_refused);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
