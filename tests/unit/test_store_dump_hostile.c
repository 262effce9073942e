/* SPDX-License-Identifier: MIT */
/*
 * A stored dump that somebody made to do harm: an error and a reason, whatever the file holds.
 */
#include <errno.h>

#include "tests/unit/temporary.h"

#include "tests/unit/dumps.h"
#include "tests/unit/extracted.h"

/* The memory is what the record should say: 5 bytes. */
static void finish_with(struct made *made, const char *json)
{
	memset(made, 0, sizeof(*made));
	made_text_record(made, json);
	made_memory(made, "hello", 5);
	made_table(made);
}

static void build_deep_json(struct made *made)
{
	char json[FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER];

	memset(json, '[', sizeof(json));
	memset(made, 0, sizeof(*made));
	made_record(made, json, sizeof(json));
	made_memory(made, "hello", 5);
	made_table(made);
}

static void build_random_record(struct made *made)
{
	uint8_t json[FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER];
	uint32_t seed = 1;

	for (size_t i = 0; i < sizeof(json); i++)
		json[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
	memset(made, 0, sizeof(*made));
	made_record(made, json, sizeof(json));
	made_memory(made, "hello", 5);
	made_table(made);
}

static void build_record_alone(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":0}");
}

static void build_skip_4g(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":5}");
	made_memory(made, "hello", 5);
	made_skippable(made, UINT32_MAX, 100);
}

static void build_skip_4g_in_table(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":5}");
	made_memory(made, "hello", 5);
	made_skippable(made, 100, 100);
	made->frames[2].compressed = UINT32_MAX;
	made_table(made);
}

static void build_skippable_with_size(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":5}");
	made_skippable(made, 100, 100);
	made->frames[1].size = 5;
	made_table(made);
}

static void build_empty_frames(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":5}");
	made_memory(made, "hello", 5);
	made_note(made, 0, 0);
	made_table(made);
}

static void build_count_4g(struct made *made)
{
	finish_with(made, "{\"size_dump\":5}");
	frame_put_le32(made->bytes + made->n - FRAME_SEEK_FOOTER, UINT32_MAX);
}

static void build_count_0(struct made *made)
{
	finish_with(made, "{\"size_dump\":0}");
	frame_put_le32(made->bytes + made->n - FRAME_SEEK_FOOTER, 0);
}

static void build_rubbish_before_table(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":5}");
	made_memory(made, "hello", 5);
	memcpy(made_room(made, 7), "rubbish", 7);
	made_table(made);
}

static void build_rubbish_after_table(struct made *made)
{
	finish_with(made, "{\"size_dump\":5}");
	memcpy(made_room(made, 7), "rubbish", 7);
}

static void build_frame_of_rubbish(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":5}");
	made_raw(made, "rubbish", 7, 5);
	made_table(made);
}

static void build_frame_of_3_bytes(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":5}");
	made_raw(made, "\x28\xb5\x2f", 3, 5);
	made_table(made);
}

/* zstd 0.7's magic: the library may still read it, we do not. */
static void build_ancient_frame(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":5}");
	made_raw(made, "\x27\xb5\x2f\xfd\x00\x00\x00\x00", 8, 5);
	made_table(made);
}

/* Frame header: magic, no content size, window 2^31 (descriptor 0, window byte 21 << 3). */
static void build_window_2g(struct made *made)
{
	static const uint8_t frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x29,
					 0x00, 0x00, 'h',  'e',	 'l',  'l',	'o' };

	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":5}");
	made_raw(made, frame, sizeof(frame), 5);
	made_table(made);
}

/* 4 MiB of zeros, more than is decompressed at once, that ask for a window of 2^log bytes. */
static void finish_with_window(struct made *made, unsigned int log)
{
	const size_t blocks = 32;
	uint8_t frame[6 + 4 * 32] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00 };

	frame[5] = (uint8_t)((log - 10) << 3);
	for (size_t i = 0; i < blocks; i++)
		frame_put_le32(frame + 6 + 4 * i,
			       (1u << 17) << 3 | 1 << 1 | (i == blocks - 1));
	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":4194304}");
	made_raw(made, frame, sizeof(frame), 4 << 20);
	made_table(made);
}

static void build_window_8m(struct made *made)
{
	finish_with_window(made, 23);
}

static void build_window_16m(struct made *made)
{
	finish_with_window(made, 24);
}

/* One segment of 2^60 bytes, as its header says. */
static void build_single_segment_huge(struct made *made)
{
	static const uint8_t frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0,    0,
					 0,    0,    0,	   0,	 0,    0x10, 0x29,
					 0x00, 0x00, 'h',  'e',	 'l',  'l',  'o' };

	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":5}");
	made_raw(made, frame, sizeof(frame), 5);
	made_table(made);
}

/* 64 MiB of zeros in 2 KB, said to be 5 bytes. */
static void build_bomb(struct made *made)
{
	size_t n = 64 << 20;
	_cleanup_free_ uint8_t *zeros = calloc(1, n);

	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":5}");
	made_memory(made, zeros, n);
	made->frames[1].size = 5;
	made_table(made);
}

static void build_two_frames_as_one(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":10}");
	made_memory(made, "hello", 5);
	made_memory(made, "world", 5);
	made->count = 2;
	made->frames[1].compressed += made->frames[2].compressed;
	made->frames[1].size = 10;
	made_table(made);
}

static void build_one_frame_as_two(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made_text_record(made, "{\"size_dump\":5}");
	made_memory(made, "hello", 5);
	made->frames[1].compressed -= 6;
	made->frames[1].size = 3;
	made_note(made, 6, 2);
	made_table(made);
}

static void build_empty(struct made *made)
{
	memset(made, 0, sizeof(*made));
	(void)made_room(made, 1);
	made->n = 0;
}

static void build_zeros(struct made *made)
{
	memset(made, 0, sizeof(*made));
	(void)made_room(made, 100000);
}

static void build_plain_zstd(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made_memory(made, "hello", 5);
}

static void refused(const struct made *made, int error)
{
	struct extracted *out = extracted_empty();
	void *directory = NULL;
	const char *reason;

	assert_int_equal(temporary_setup(&directory), 0);
	temporary_write(directory, "x.zst", made->bytes, made->n);
	assert_int_equal(extracted_read(directory, "x.zst", out, &reason), error);
	assert_non_null(reason);
	assert_int_equal(temporary_teardown(&directory), 0);
}

/* A whole dump whose record says another size than it has. */
static const struct size_row {
	const char *name;
	uint64_t size;
} sizes[] = {
	{ "one byte more than recorded", SMALL_SIZE - 1 },
	{ "one byte less than recorded", SMALL_SIZE + 1 },
	{ "recorded size 2^63-1", INT64_MAX },
	{ "recorded size 2^64-1", UINT64_MAX }, /* too large for JSON */
};

static void test_size(void **state)
{
	const struct size_row *row = *state;
	_cleanup_made_ struct made made;

	small_dump(&made, SMALL_RECORD, row->size);
	refused(&made, -EBADMSG);
}

static const struct record_row {
	const char *name;
	const char *json;
} records[] = {
	{ "recorded size negative", "{\"size_dump\":-5}" },
	{ "recorded size absent", "{}" },
	{ "recorded size a text", "{\"size_dump\":\"5\"}" },
	{ "recorded size a real number", "{\"size_dump\":5e0}" },
	{ "record with 1e999999999", "{\"size_dump\":5,\"pid\":1e999999999}" },
	{ "record not UTF-8", "{\"size_dump\":5,\"comm\":\"\xff\xfe\"}" },
	{ "record with half an escape", "{\"size_dump\":5,\"comm\":\"\\\\x4\"}" },
	{ "record with NUL in a text", "{\"size_dump\":5,\"comm\":\"\\\\x00\"}" },
	{ "record an array", "[1,2]" },
};

static void test_record(void **state)
{
	const struct record_row *row = *state;
	_cleanup_made_ struct made made;

	finish_with(&made, row->json);
	refused(&made, -EBADMSG);
}

static const struct hostile {
	const char *name;
	void (*build)(struct made *made);
	int error;
} hostile[] = {
	{ "record nested 16 thousand times", build_deep_json, -EBADMSG },
	{ "record of random bytes", build_random_record, -EBADMSG },
	{ "nothing after the record", build_record_alone, -ENODATA },
	{ "skippable frame says 4 GiB, no table", build_skip_4g, -ENODATA },
	{ "skippable frame of 4 GiB in the table", build_skip_4g_in_table, -EBADMSG },
	{ "skippable frame with content", build_skippable_with_size, -EBADMSG },
	{ "frame of 0 bytes in the table", build_empty_frames, -EBADMSG },
	{ "table of 2^32-1 frames", build_count_4g, -EBADMSG },
	{ "table of 0 frames", build_count_0, -EBADMSG },
	{ "rubbish before the table", build_rubbish_before_table, -EBADMSG },
	{ "rubbish after the table", build_rubbish_after_table, -ENODATA },
	{ "frame of rubbish", build_frame_of_rubbish, -EBADMSG },
	{ "frame of 3 bytes", build_frame_of_3_bytes, -EBADMSG },
	{ "frame of an ancient zstd", build_ancient_frame, -EBADMSG },
	{ "window of 2 GiB", build_window_2g, -EBADMSG },
	{ "window of 16 MiB", build_window_16m, -EBADMSG },
	{ "single segment of 2^60 bytes", build_single_segment_huge, -EBADMSG },
	{ "bomb: 64 MiB said to be 5 bytes", build_bomb, -EBADMSG },
	{ "two frames as one in the table", build_two_frames_as_one, -EBADMSG },
	{ "one frame as two in the table", build_one_frame_as_two, -EBADMSG },
	{ "empty file: one that is being removed", build_empty, -ENOENT },
	{ "file of zeros", build_zeros, -EBADMSG },
	{ "zstd file without a record", build_plain_zstd, -EBADMSG },
};

static void test_hostile(void **state)
{
	const struct hostile *row = *state;
	_cleanup_made_ struct made made;

	row->build(&made);
	refused(&made, row->error);
}

/* The largest window that the handler writes. */
static void test_window(void **state)
{
	_cleanup_made_ struct made made;
	struct extracted *out = extracted_empty();
	void *directory = NULL;
	const char *reason;

	(void)state;
	assert_int_equal(temporary_setup(&directory), 0);
	build_window_8m(&made);
	temporary_write(directory, "x.zst", made.bytes, made.n);
	assert_int_equal(extracted_read(directory, "x.zst", out, &reason), 0);
	assert_int_equal(out->holes, 4 << 20);
	assert_int_equal(temporary_teardown(&directory), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_window) };

	return RUN_TABLE(sizes, test_size) + RUN_TABLE(records, test_record) +
	       RUN_TABLE(hostile, test_hostile) +
	       cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
