/* SPDX-License-Identifier: MIT */
/*
 * Extracting a stored dump. Input: a little program that makes one, an operation and its operands after
 * the other, so that what comes gets behind checksums and the seek table.
 *
 * Whatever comes: never more than the record says, nothing behind a fault; and what is extracted
 * without one is what zstd alone makes of the file, and what reading at any place gives.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/stored_file.h"
#include "tests/unit/dumps.h"

#include "store/dump.h"
#include "store/dump_random.h"

/* What comes out is looked at up to here, and not asked for much longer: time is what it costs. */
#define OUTPUT_MAX (3u << 20)

struct output {
	uint8_t *bytes;
	uint64_t n, most;
};

static struct {
	struct output extracted;
	uint8_t other[1 << 16];
} room;

/* Frames written by hand: `blocks' blocks of 128 KiB of one byte, 4 bytes in the file each. */
static void add_rle(struct made *made, struct input *in)
{
	uint32_t blocks = 1 + (uint32_t)input_number(in, 2);
	uint8_t window = (uint8_t)input_number(in, 1);
	uint8_t byte = (uint8_t)input_number(in, 1);
	uint32_t claim = (uint32_t)input_number(in, 4);
	size_t n = 6 + (size_t)blocks * 4;
	uint8_t *p = made_room(made, n);

	frame_put_le32(p, ZSTD_MAGICNUMBER);
	p[4] = 0;
	p[5] = window;
	p += 6;
	for (uint32_t i = 0; i < blocks; i++, p += 4)
		frame_put_le32(p, (1u << 17) << 3 | 1 << 1 | (i == blocks - 1) |
					  (uint32_t)byte << 24);
	made_note(made, n, claim ? claim : blocks << 17);
}

/* A frame that states any size of its content. */
static void add_sized(struct made *made, struct input *in)
{
	uint64_t claim = input_number(in, 8);
	struct input part = input_part(in, (size_t)input_number(in, 1));
	uint8_t *p = made_room(made, 13 + 3 + part.n);

	frame_put_le32(p, ZSTD_MAGICNUMBER);
	p[4] = 0xe0; /* single segment, 8 bytes of size */
	frame_put_le32(p + 5, (uint32_t)claim);
	frame_put_le32(p + 9, (uint32_t)(claim >> 32));
	p[13] = (uint8_t)(part.n << 3 | 1);
	p[14] = (uint8_t)(part.n >> 5);
	if (part.n)
		memcpy(p + 16, part.p, part.n);
	made_note(made, 16 + part.n, (uint32_t)claim);
}

static void add_repeated(struct made *made, struct input *in)
{
	size_t n = (size_t)input_number(in, 3) % (FRAME_MEMORY_MAX + 4096);
	uint8_t byte = (uint8_t)input_number(in, 1);
	uint8_t *bytes = malloc(n + 1);

	assert_non_null(bytes);
	memset(bytes, byte, n);
	made_memory(made, bytes, n);
	free(bytes);
}

static void add_bytes(struct made *made, struct input *in)
{
	struct input part = input_part(in, (size_t)input_number(in, 2));

	made_memory(made, part.p, part.n);
}

static void add_raw(struct made *made, struct input *in)
{
	uint32_t claim = (uint32_t)input_number(in, 4);
	struct input part = input_part(in, (size_t)input_number(in, 2));

	if (part.n)
		made_raw(made, part.p, part.n, claim);
}

static void add_skippable(struct made *made, struct input *in)
{
	uint32_t claim = (uint32_t)input_number(in, 4);
	size_t n = (size_t)input_number(in, 2);

	made_skippable(made, claim ? claim : (uint32_t)n, n);
}

/* The last frame once more, as it is. */
static void add_again(struct made *made, struct input *in)
{
	size_t n = made->count ? made->frames[made->count - 1].compressed : 0;
	uint8_t *p;

	(void)in;
	if (n == 0 || n > made->n)
		return;
	p = made_room(made, n);
	memcpy(p, p - n, n);
	made_note(made, n, made->frames[made->count - 1].size);
}

/* The table lies of the last frame. */
static void lie(struct made *made, struct input *in)
{
	int32_t compressed = (int32_t)input_number(in, 4);
	int32_t size = (int32_t)input_number(in, 4);

	if (made->count == 0)
		return;
	made->frames[made->count - 1].compressed += (uint32_t)compressed;
	made->frames[made->count - 1].size += (uint32_t)size;
}

/* Two frames as one in the table. */
static void merge(struct made *made, struct input *in)
{
	(void)in;
	if (made->count < 2)
		return;
	made->count--;
	made->frames[made->count - 1].compressed += made->frames[made->count].compressed;
	made->frames[made->count - 1].size += made->frames[made->count].size;
}

static void flip(struct made *made, struct input *in)
{
	uint64_t at = input_number(in, 4);

	if (made->n > FRAME_RECORD_SIZE)
		made->bytes[FRAME_RECORD_SIZE +
			    (at >> 8) % (made->n - FRAME_RECORD_SIZE)] ^= (uint8_t)at;
}

static void (*const operations[])(struct made *made, struct input *in) = {
	add_bytes, add_repeated, add_rle, add_raw, add_skippable,
	add_sized, add_again,	 lie,	  merge,   flip,
};

/* Return: what the record promises. */
static uint64_t build(struct input *in, struct made *made)
{
	int64_t more = (int8_t)input_number(in, 1);
	uint64_t sum = 0;
	char json[64];

	made_text_record(made, "{}");
	while (in->n > 0 && made->count < DUMPS_FRAMES_MAX - 1 && made->n < 1 << 20)
		operations[input_number(in, 1) % ARRAY_SIZE(operations)](made, in);
	for (uint32_t i = 0; i < made->count; i++)
		sum += made->frames[i].size;
	sum += (uint64_t)more;
	sum &= INT64_MAX;
	(void)snprintf(json, sizeof(json), "{\"size_dump\":%llu}",
		       (unsigned long long)sum);
	memcpy(made->bytes + FRAME_SKIPPABLE_HEADER, json, strlen(json));
	made_table(made);
	return sum;
}

static int take(void *context, const uint8_t *p, size_t n)
{
	struct output *output = context;

	assert_true(n > 0 && n <= FRAME_MEMORY_MAX + 4096);
	for (size_t i = 0; i < n && output->n + i < OUTPUT_MAX; i++)
		output->bytes[output->n + i] = p ? p[i] : 0;
	output->n += n;
	assert_true(output->n <= output->most);
	return output->n > 2 * OUTPUT_MAX ? -ECANCELED : 0;
}

/* Bytes that came out of zstd are those that were extracted. Return: how many of them count. */
static size_t compare(const struct output *extracted, uint64_t done, size_t n)
{
	if (done >= OUTPUT_MAX)
		return 0;
	if (n > OUTPUT_MAX - done)
		n = (size_t)(OUTPUT_MAX - done);
	assert_true(done + n <= extracted->n);
	assert_memory_equal(room.other, extracted->bytes + done, n);
	return n;
}

/*
 * One frame, where it is by the table, `size' bytes by it. Reading a stream zstd refuses blocks that are
 * larger than the window (RFC 8878, 3.1.1.2.4), which it takes from memory: then nothing is compared.
 * Return: bytes that it has, up to OUTPUT_MAX in all.
 */
static uint64_t check_frame(ZSTD_DCtx *zstd, ZSTD_inBuffer in, uint64_t size,
			    const struct output *extracted, uint64_t start)
{
	uint64_t done = start;
	size_t code;

	do {
		ZSTD_outBuffer out = { room.other, sizeof(room.other), 0 };

		code = ZSTD_decompressStream(zstd, &out, &in);
		if (ZSTD_isError(code))
			return size < OUTPUT_MAX - start ? size : OUTPUT_MAX - start;
		done += compare(extracted, done, out.pos);
	} while (code != 0 && done < OUTPUT_MAX);
	return done - start;
}

/* By zstd alone, the slow way. What a skippable frame says of its own length nobody asks. */
static void check_stream(const struct made *made, const struct output *extracted)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	uint64_t done = 0;
	size_t at = 0;

	assert_non_null(zstd);
	for (uint32_t i = 0; i < made->count && done < OUTPUT_MAX; i++) {
		size_t n = made->frames[i].compressed;
		bool skippable = n >= 4 && (frame_get_le32(made->bytes + at) &
					    ZSTD_MAGIC_SKIPPABLE_MASK) ==
						   ZSTD_MAGIC_SKIPPABLE_START;

		if (!skippable) {
			(void)ZSTD_DCtx_reset(zstd, ZSTD_reset_session_only);
			done += check_frame(zstd,
					    (ZSTD_inBuffer){ made->bytes + at, n, 0 },
					    made->frames[i].size, extracted, done);
		}
		at += n;
	}
	assert_true(done == OUTPUT_MAX || done == extracted->n);
	ZSTD_freeDCtx(zstd);
}

static void check_random(const struct dump *dump, const struct output *extracted)
{
	_cleanup_dump_random_ struct dump_random *random = NULL;
	const char *reason = NULL;

	if (dump_random_open(dump, &random, &reason) < 0)
		return; /* it asks for more than extracting does: see FRAMES of it */
	for (uint64_t at = 0; at < extracted->n && at < OUTPUT_MAX;
	     at += extracted->n / 7 + 1) {
		size_t n = sizeof(room.other);
		ssize_t got = dump_random_pread(random, room.other, n, at);

		if (n > extracted->n - at)
			n = (size_t)(extracted->n - at);
		assert_int_equal(got, n);
		if (n > OUTPUT_MAX - at)
			n = (size_t)(OUTPUT_MAX - at);
		assert_memory_equal(room.other, extracted->bytes + at, n);
	}
}

static void check(int directory, const struct made *made, uint64_t promised)
{
	_cleanup_dump_ struct dump *dump = NULL;
	struct output *output = &room.extracted;
	const char *reason = NULL;
	int r;

	assert_int_equal(dump_open(directory, STORED_NAME, &dump), 0);
	output->n = 0;
	output->most = promised;
	r = dump_extract(dump, take, output, &reason);
	if (r == 0) {
		assert_int_equal(output->n, promised);
		check_stream(made, output);
		check_random(dump, output);
	} else if (r != -ECANCELED) {
		assert_non_null(reason);
		assert_true(r == -EBADMSG || r == -ENODATA);
	}
}

void fuzz_one(struct input in)
{
	_cleanup_made_ struct made made = { 0 };
	uint64_t promised = build(&in, &made);

	if (!room.extracted.bytes)
		room.extracted.bytes = malloc(OUTPUT_MAX); /* for all inputs */
	assert_non_null(room.extracted.bytes);
	check(stored_write(made.bytes, made.n), &made, promised);
}
