/* SPDX-License-Identifier: MIT */
/*
 * A stored dump comes out as it went in, or with an error and a reason: never otherwise,
 * wherever it is cut and whichever bit is wrong.
 */
#include <errno.h>
#include <stdbool.h>

#include "tests/unit/temporary.h"

#include "tests/unit/dumps.h"
#include "tests/unit/extracted.h"

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
	for (size_t n = 0; n < made.n; n++) {
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
	};

	return cmocka_run_group_tests_name("dump", tests, NULL, NULL);
}
