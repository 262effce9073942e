/* SPDX-License-Identifier: MIT */
/*
 * dumpd's entries out of the journal, by sd-journal(3). What is in them was a crashed
 * program's choice, and other programs may have written entries that look like ours.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <systemd/sd-journal.h>

#include "base/number.h"
#include "store/journal.h"
#include "store/valid.h"

/* A command line is the longest text that is shown. Longer fields arrive cut. */
#define FIELD_MAX (64ul << 10)

/* Names in the record's table are shorter. */
#define NAME_SIZE 64

static int take_text(struct record *record, const struct record_field *field,
		     const char *value, size_t n)
{
	return record_set_text(record, field, value, strnlen(value, n));
}

/* What is no number, or one that the member cannot have, stays unknown. */
static void take_number(struct record *record, const struct record_field *field,
			const char *value, size_t n)
{
	char text[24] = "";
	bool negative = n > 0 && value[0] == '-';
	uint64_t number;
	int64_t known;

	if (n >= sizeof(text))
		return;
	memcpy(text, value + negative, n - negative);
	if (number_u64(text, UINT64_MAX, &number) < 0)
		return;
	/* RLIM_INFINITY is UINT64_MAX there. */
	if (number > INT64_MAX)
		number = RECORD_UNLIMITED;
	known = negative ? -(int64_t)number : (int64_t)number;
	if (record_number_valid(field, known))
		record_set_number(record, field, known);
}

static int take_field(struct record *record, const char *data, size_t n)
{
	const char *equals = memchr(data, '=', n < NAME_SIZE ? n : NAME_SIZE);
	const struct record_field *field;
	char name[NAME_SIZE] = "";
	size_t length;

	if (!equals)
		return 0;
	length = (size_t)(equals - data);
	memcpy(name, data, length);
	field = record_field_by_journal(name);
	if (!field)
		return 0;
	n -= length + 1;
	if (field->kind == RECORD_TEXT)
		return take_text(record, field, equals + 1, n);
	take_number(record, field, equals + 1, n);
	return 0;
}

static int read_entry(sd_journal *journal, struct record *ret)
{
	const void *data;
	uint64_t written;
	size_t n;
	int r;

	sd_journal_restart_data(journal);
	while ((r = sd_journal_enumerate_available_data(journal, &data, &n)) > 0) {
		r = take_field(ret, data, n);
		if (r < 0)
			return r;
	}
	/* The handler always says when; if not, the entry's own time is near. */
	if (r == 0 && ret->timestamp == RECORD_UNKNOWN &&
	    sd_journal_get_realtime_usec(journal, &written) >= 0)
		ret->timestamp = (int64_t)written;
	return r;
}

static int match_ours(sd_journal *journal)
{
	static const char *const matches[] = {
		("MESSAGE_ID=" JOURNAL_MESSAGE_ID),
		/* The kernel vouches for these two: journald writes them, no sender can. */
		"_UID=0",
		"_TRANSPORT=journal",
	};

	for (size_t i = 0; i < ARRAY_SIZE(matches); i++) {
		int r = sd_journal_add_match(journal, matches[i], 0);

		if (r < 0)
			return r;
	}
	return sd_journal_set_data_threshold(journal, FIELD_MAX);
}

static int visit_entries(sd_journal *journal, journal_visit visit, void *context)
{
	int r;

	while ((r = sd_journal_next(journal)) > 0) {
		_cleanup_record_ struct record record;

		record_init(&record);
		r = read_entry(journal, &record);
		/* A damaged journal file loses its entry, not all others. */
		if (r == -ENOMEM)
			return r;
		/* systemd-coredump's entries have no id; a wrong one is not ours. */
		if (!record.id || !record_id_valid(record.id))
			continue;
		r = visit(context, &record);
		if (r != 0)
			return r;
	}
	return r;
}

int journal_each_crash(journal_visit visit, void *context)
{
	sd_journal *journal = NULL;
	int r = sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);

	if (r < 0)
		return r;
	/* Files that may not be read are passed over in silence; none left means no journal. */
	if (sd_journal_has_runtime_files(journal) <= 0 &&
	    sd_journal_has_persistent_files(journal) <= 0)
		r = -ENOENT;
	if (r == 0)
		r = match_ours(journal);
	if (r >= 0)
		r = visit_entries(journal, visit, context);
	sd_journal_close(journal);
	return r;
}
