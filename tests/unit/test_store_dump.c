/* SPDX-License-Identifier: MIT */
/*
 * A stored dump comes out as it went in, or with an error and a reason: never otherwise,
 * wherever it is cut and whichever bit is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "tests/unit/temporary.h"

#include "tests/unit/dumps.h"
#include "tests/unit/extracted.h"

#include "store/dump_map.h"
#include "store/dump_random.h"

static void test_whole(void **state)
{
	static uint8_t core[SMALL_SIZE];
	_cleanup_made_ struct made made;
	struct extracted *out = extracted_empty();
	const char *reason;

	small_core(core);
	small_dump(&made, SMALL_RECORD, SMALL_SIZE);
	temporary_write(*state, "x.zst", made.bytes, made.n);
	assert_int_equal(extracted_read(*state, "x.zst", out, &reason), 0);
	assert_int_equal(out->n, SMALL_SIZE);
	assert_memory_equal(out->bytes, core, SMALL_SIZE);
	assert_int_equal(out->holes, 3 * 4096);
	assert_null(reason);
}

static void test_cut_at_every_byte(void **state)
{
	_cleanup_made_ struct made made;

	small_dump(&made, SMALL_RECORD, SMALL_SIZE);
	for (size_t n = 1; n < made.n; n++) {
		struct extracted *out = extracted_empty();
		const char *reason;
		int r;

		/* Within the record every 512th byte tells the same as all. */
		if (n < FRAME_RECORD_SIZE && n % 512 > 1)
			continue;
		temporary_write(*state, "x.zst", made.bytes, n);
		r = extracted_read(*state, "x.zst", out, &reason);
		assert_true(r == -ENODATA || r == -EBADMSG);
		assert_non_null(reason);
		assert_int_equal(out->n, 0);
	}
}

/* The file's offset of what follows the JSON: padding there may be anything. */
static bool is_padding(const struct made *made, size_t i)
{
	size_t json = FRAME_SKIPPABLE_HEADER +
		      strlen((const char *)made->bytes + FRAME_SKIPPABLE_HEADER);

	return i > json && i < FRAME_RECORD_SIZE;
}

static void test_every_byte_flipped(void **state)
{
	static uint8_t core[SMALL_SIZE];
	_cleanup_made_ struct made made;

	small_core(core);
	small_dump(&made, SMALL_RECORD, SMALL_SIZE);
	for (size_t i = 0; i < made.n; i++) {
		struct extracted *out = extracted_empty();
		const char *reason;
		int r;

		if (is_padding(&made, i))
			continue;
		made.bytes[i] ^= (uint8_t)(1 << i % 8);
		temporary_write(*state, "x.zst", made.bytes, made.n);
		made.bytes[i] ^= (uint8_t)(1 << i % 8);
		r = extracted_read(*state, "x.zst", out, &reason);
		if (r == 0) {
			assert_int_equal(out->n, SMALL_SIZE);
			assert_memory_equal(out->bytes, core, SMALL_SIZE);
		} else {
			assert_true(r == -ENODATA || r == -EBADMSG);
			assert_non_null(reason);
		}
	}
}

static void test_sink_stops(void **state)
{
	_cleanup_made_ struct made made;
	struct extracted *out = extracted_empty();
	const char *reason;

	small_dump(&made, SMALL_RECORD, SMALL_SIZE);
	temporary_write(*state, "x.zst", made.bytes, made.n);
	out->stop = -ENOSPC;
	assert_int_equal(extracted_read(*state, "x.zst", out, &reason), -ENOSPC);
	assert_null(reason);
}

/* What is left of a dump that was being removed is none. */
static void test_empty(void **state)
{
	const char *reason;

	temporary_write(*state, "x.zst", "", 0);
	assert_int_equal(extracted_read(*state, "x.zst", extracted_empty(), &reason),
			 -ENOENT);
}

struct removal {
	const char *path;
	size_t n; /* bytes that came before it */
};

static int remove_now(void *context, const uint8_t *p, size_t n)
{
	struct removal *removal = context;

	(void)p;
	removal->n += n;
	return truncate(removal->path, 0) < 0 ? -errno : 0;
}

/* Whoever removes a dump empties it, under the eyes of who reads it: that is no damage. */
static void test_removed(void **state)
{
	_cleanup_made_ struct made made;
	_cleanup_free_ char *path = temporary_path(*state, "x.zst");
	_cleanup_fd_ int store = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dump_ struct dump *dump = NULL;
	_cleanup_dump_random_ struct dump_random *random = NULL;
	struct removal removal = { .path = path };
	struct memory_map map;
	const char *reason;
	uint8_t byte;

	small_dump(&made, SMALL_RECORD, SMALL_SIZE);
	temporary_write(*state, "x.zst", made.bytes, made.n);
	assert_int_equal(dump_open(store, "x.zst", &dump), 0);
	assert_int_equal(dump_random_open(dump, &random, &reason), 0);
	assert_int_equal(dump_extract(dump, remove_now, &removal, &reason), -ESTALE);
	assert_string_equal(reason, "it was removed while it was read");
	assert_true(removal.n < SMALL_SIZE);
	assert_int_equal(dump_fault(dump)->frame, 0);
	assert_int_equal(dump_check(dump, &reason), -ESTALE);
	assert_string_equal(reason, "it was removed while it was read");
	reason = NULL;
	assert_int_equal(dump_memory_map(dump, &map, &reason), -ESTALE);
	assert_string_equal(reason, "it was removed while it was read");
	assert_int_equal(dump_random_pread(random, &byte, 1, 0), -ESTALE);
	dump_random_close(TAKE_PTR(random));
	assert_int_equal(dump_random_open(dump, &random, &reason), -ESTALE);
	assert_string_equal(reason, "it was removed while it was read");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, temporary_setup,
						temporary_teardown),
		cmocka_unit_test_setup_teardown(test_cut_at_every_byte, temporary_setup,
						temporary_teardown),
		cmocka_unit_test_setup_teardown(test_every_byte_flipped, temporary_setup,
						temporary_teardown),
		cmocka_unit_test_setup_teardown(test_sink_stops, temporary_setup,
						temporary_teardown),
		cmocka_unit_test_setup_teardown(test_empty, temporary_setup,
						temporary_teardown),
		cmocka_unit_test_setup_teardown(test_removed, temporary_setup,
						temporary_teardown),
	};

	return cmocka_run_group_tests_name("dump", tests, NULL, NULL);
}
