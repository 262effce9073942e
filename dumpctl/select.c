/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/number.h"
#include "dumpctl/place.h"
#include "dumpctl/select.h"
#include "dumpctl/verbs.h"
#include "dumpctl/when.h"

void select_init(struct select *select, const char *verb)
{
	memset(select, 0, sizeof(*select));
	select->verb = verb;
	reader_init(&select->reader, verb);
	select->since = INT64_MIN;
	select->until = INT64_MAX;
}

void select_done(struct select *select)
{
	free(select->found);
	reader_done(&select->reader);
	index_done(&select->index);
}

static int refuse(const struct select *select, const char *what, const char *value,
		  const char *why)
{
	fprintf(stderr, "dumpctl %s: %s `%s': %s\n", select->verb, what, value, why);
	return -EINVAL;
}

static int take_directory(struct select *select, const char *value)
{
	if (value[0] == '\0' || strlen(value) >= sizeof(select->directory))
		return refuse(select, "directory", value, "not a usable path");
	strncpy(select->directory, value, sizeof(select->directory) - 1);
	select->from_files = true;
	return 0;
}

static int take_when(struct select *select, const char *value, int64_t *ret)
{
	if (when_parse(value, clock_usec(CLOCK_REALTIME), ret) < 0)
		return refuse(select, "time", value, "give one of " WHEN_FORMS);
	return 0;
}

static int take_count(struct select *select, const char *value)
{
	uint64_t count;

	if (number_u64(value, INT_MAX, &count) < 0 || count == 0)
		return refuse(select, "number", value, "give 1 or more");
	select->newest = (size_t)count;
	return 0;
}

int select_option(struct select *select, int option, const char *argument)
{
	switch (option) {
	case 'D':
		return take_directory(select, argument);
	case 'S':
		return take_when(select, argument, &select->since);
	case 'U':
		return take_when(select, argument, &select->until);
	case 'n':
		return take_count(select, argument);
	case 'r':
		select->reverse = true;
		return 0;
	case SELECT_CONFIG:
		select->config = argument;
		return 0;
	default: /* getopt_long said what is wrong */
		fprintf(stderr, "dumpctl %s: see `dumpctl %s --help'\n", select->verb,
			select->verb);
		return -EINVAL;
	}
}

int select_matches(struct select *select, char **operands)
{
	for (; *operands; operands++) {
		const char *reason = NULL;

		if (select->match_count == SELECT_MATCHES_MAX)
			return refuse(select, "match", *operands, "too many matches");
		if (match_parse(*operands, &select->matches[select->match_count++],
				&reason) < 0)
			return refuse(select, "match", *operands, reason);
	}
	return 0;
}

/* Return: 0; -1 after a message. */
static int configured_directory(struct select *select)
{
	struct place place;

	place_init(&place, select->verb);
	place.config = select->config;
	if (place_configure(&place) < 0)
		return -1;
	memcpy(select->directory, place.settings.directory, sizeof(select->directory));
	return 0;
}

static bool wanted(const struct select *select, const struct index_entry *entry)
{
	int64_t time = entry->record.timestamp;

	return time >= select->since && time <= select->until &&
	       match_all(select->matches, select->match_count, &entry->record);
}

static int pick(struct select *select)
{
	size_t skip = 0;

	/* One more: calloc(0) may be NULL. */
	select->found = calloc(select->index.count + 1, sizeof(*select->found));
	if (!select->found)
		return -ENOMEM;
	for (size_t i = 0; i < select->index.count; i++) {
		if (wanted(select, &select->index.entries[i]))
			select->found[select->count++] = &select->index.entries[i];
	}
	if (select->newest > 0 && select->count > select->newest)
		skip = select->count - select->newest;
	select->count -= skip;
	memmove(select->found, select->found + skip,
		select->count * sizeof(*select->found));
	for (size_t i = 0; select->reverse && i < select->count / 2; i++) {
		struct index_entry *entry = select->found[i];

		select->found[i] = select->found[select->count - 1 - i];
		select->found[select->count - 1 - i] = entry;
	}
	return 0;
}

static const char *advice(int error)
{
	return error == -EACCES || error == -EPERM ? "; run as root" : "";
}

static int load_failed(const struct select *select, int error)
{
	_cleanup_free_ char *name =
		escape_text(select->directory, strlen(select->directory));

	fprintf(stderr, "dumpctl %s: cannot read %s: %s%s\n", select->verb,
		name ? name : "", strerror(-error), advice(error));
	return -1;
}

int select_load(struct select *select)
{
	const struct index_reader reader = reader_index(&select->reader);
	int directory_error = 0, r;

	if (!select->from_files && configured_directory(select) < 0)
		return -1;
	r = index_load(select->directory, !select->from_files, &reader, &select->index,
		       &directory_error);
	/* Nothing ever crashed: the store is made with the first dump. */
	if (r == -ENOENT && !select->from_files)
		r = 0;
	if (r < 0)
		return load_failed(select, r);
	if (directory_error != 0 && directory_error != -ENOENT)
		(void)load_failed(select, directory_error); /* the journal is left */
	match_resolve(select->matches, select->match_count, &select->index);
	r = pick(select);
	return r < 0 ? load_failed(select, r) : 0;
}

int select_none(const struct select *select)
{
	if (select->index.count > 0)
		fprintf(stderr, "dumpctl %s: none of %zu crashes matches\n", select->verb,
			select->index.count);
	else
		fprintf(stderr, "No crashes recorded in %s%s.\n", select->directory,
			select->from_files		 ? ""
			: select->index.journal_readable ? " or the journal"
							 : ", and no journal to read");
	return VERB_FAILED;
}

int select_status(const struct select *select)
{
	if (!select->reader.starved)
		return VERB_DONE;
	fprintf(stderr, "dumpctl %s: there was not enough memory to read all of it\n",
		select->verb);
	return VERB_FAILED;
}

const struct index_entry *select_newest(const struct select *select)
{
	if (select->count == 0) {
		(void)select_none(select);
		return NULL;
	}
	if (select->count > 1)
		fprintf(stderr, "dumpctl %s: %zu crashes match, taking the newest\n",
			select->verb, select->count);
	return select->found[select->count - 1];
}
