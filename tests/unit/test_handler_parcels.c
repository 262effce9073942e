/* SPDX-License-Identifier: MIT */
/*
 * The order of parcels: what is kept of it when somebody hangs or fails, and that every buffer comes
 * back. A letter for each parcel: P packed, T taken, U full, F filling, L left, Z zeros; small letters are
 * those that have nothing in them yet.
 */
#include <ctype.h>
#include <string.h>

#include "tests/unit/table.h"

#include "handler/parcels.h"

#define PIECE	  (256u << 10) /* of memory in each */
#define COUNT_MAX 16

struct row {
	const char *name;
	const char *before, *after; /* a cut */
	uint64_t lost; /* pieces */
};

static const struct row rows[] = {
	{ "nothing", "", "", 0 },
	{ "all whole", "PTUZ", "PTUZ", 0 },
	{ "the last hangs", "PUF", "PUU", 0 },
	{ "the last hangs at its first byte", "PUf", "PU", 0 },
	{ "the first hangs", "FUTP", "U", 3 },
	{ "the first hangs at its first byte", "fUTPZ", "", 4 },
	{ "one was left", "PLU", "PU", 1 },
	{ "one was left at its first byte", "PlU", "P", 1 },
	{ "several", "UPFTLFUf", "UPU", 4 },
	{ "several were left", "ZLLL", "ZU", 2 },
	{ "zeros between", "FZZU", "U", 3 },
};

static struct parcel *append(struct parcels *parcels, char letter)
{
	const struct parcel zeros = { .state = PARCEL_PACKED, .zeros = PIECE };
	struct parcel from = { .state = PARCEL_FILLING };

	if (letter == 'Z')
		return parcels_append(parcels, &zeros);
	from.bytes = spool_get(&parcels->spool);
	assert_non_null(from.bytes);
	from.n = isupper(letter) ? PIECE : 0;
	memset(from.bytes, letter, from.n);
	return parcels_append(parcels, &from);
}

static void pack(struct parcels *parcels, struct parcel *parcel)
{
	parcel->frame = malloc(1);
	parcel->frame_n = 1;
	parcels_packed(parcels, parcel);
}

static void advance(struct parcels *parcels, struct parcel *parcel, char letter)
{
	if (toupper(letter) == 'L')
		parcel->state = PARCEL_LEFT;
	if (letter != 'P' && letter != 'T')
		return;
	parcels_full(parcels, parcel);
	assert_ptr_equal(parcels_take(parcels), parcel);
	if (letter == 'P')
		pack(parcels, parcel);
}

/* had: those that somebody has. */
static void build(struct parcels *parcels, const char *letters,
		  struct parcel *had[COUNT_MAX])
{
	struct parcel *all[COUNT_MAX];
	size_t n = strlen(letters);

	for (size_t i = 0; i < n; i++) {
		all[i] = append(parcels, letters[i]);
		assert_non_null(all[i]);
		if (strchr("TFf", letters[i]))
			had[i] = all[i];
	}
	for (size_t i = 0; i < n; i++)
		advance(parcels, all[i], letters[i]);
	for (size_t i = 0; i < n; i++) {
		if (letters[i] == 'U')
			parcels_full(parcels, all[i]);
	}
}

static char letter_of(const struct parcel *parcel)
{
	static const char letters[] = { [PARCEL_FILLING] = 'F',
					[PARCEL_LEFT] = 'L',
					[PARCEL_FULL] = 'U',
					[PARCEL_TAKEN] = 'T',
					[PARCEL_PACKED] = 'P' };

	return parcel->zeros ? 'Z' : letters[parcel->state];
}

static void check_order(const struct parcels *parcels, const char *expected)
{
	char got[COUNT_MAX + 1] = "";
	const struct parcel *last = NULL, *todo = parcels->todo;
	size_t n = 0;

	for (const struct parcel *p = parcels->first; p; p = p->next) {
		assert_true(n < COUNT_MAX);
		got[n++] = letter_of(p);
		if (p->state == PARCEL_FULL) { /* packed in order, each once */
			assert_ptr_equal(todo, p);
			todo = todo->next_todo;
		}
		last = p;
	}
	assert_string_equal(got, expected);
	assert_ptr_equal(parcels->last, last);
	assert_null(todo);
}

/* Whoever had one gives it back. */
static void give_back(struct parcels *parcels, struct parcel *had[COUNT_MAX])
{
	for (size_t i = 0; i < COUNT_MAX; i++) {
		if (had[i] && had[i]->state == PARCEL_TAKEN)
			pack(parcels, had[i]);
		else if (had[i] && had[i]->cut)
			parcels_free(parcels, had[i]);
	}
}

static void test_cut(void **state)
{
	const struct row *row = *state;
	struct parcels parcels = { 0 };
	struct parcel *had[COUNT_MAX] = { NULL };

	assert_int_equal(spool_open(COUNT_MAX * SPOOL_BUFFER, 3, &parcels.spool), 0);
	build(&parcels, row->before, had);
	assert_int_equal(parcels_cut(&parcels), row->lost * PIECE);
	check_order(&parcels, row->after);
	assert_int_equal(parcels_cut(&parcels), 0);
	give_back(&parcels, had);
	parcels_clear(&parcels);
	assert_null(parcels.first);
	assert_int_equal(parcels.spool.used, 0);
	assert_int_equal(parcels.loose, 0);
	assert_int_equal(parcels.framed, 0);
	spool_close(&parcels.spool);
}

/* Small ones do not keep a buffer, large ones do, and both count. */
static void test_room(void **state)
{
	struct parcels parcels = { 0 };
	struct parcel from = { .state = PARCEL_FILLING }, *parcel, *had[COUNT_MAX];
	size_t small = 0;

	(void)state;
	assert_int_equal(spool_open(3 * SPOOL_BUFFER, 3, &parcels.spool), 0);
	build(&parcels, "U", had);
	assert_int_equal(parcels.spool.used, 1);
	while (parcels_have_room(&parcels)) {
		from.bytes = spool_get(&parcels.spool);
		from.n = 100000;
		memset(from.bytes, 's', from.n);
		parcel = parcels_append(&parcels, &from);
		parcels_full(&parcels, parcel);
		assert_true(parcel->loose);
		assert_int_equal(parcel->bytes[99999], 's');
		small++;
	}
	assert_int_equal(parcels.spool.used, 1);
	assert_int_equal(small, (2 * SPOOL_BUFFER + 99999) / 100000);
	parcels_remove_first(&parcels);
	assert_int_equal(parcels.spool.used, 0);
	parcels_clear(&parcels);
	assert_int_equal(parcels.loose, 0);
	spool_close(&parcels.spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_room) };
	int failed = RUN_TABLE(rows, test_cut);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
