/* SPDX-License-Identifier: MIT */
/*
 * From options and matches to crashes: what list, info, extract and debug have in common.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "dumpctl/match.h"
#include "dumpctl/reader_records.h"
#include "store/index.h"

/* More than anybody types; a shell's glob in the wrong place is told so. */
#define SELECT_MATCHES_MAX 64

struct select {
	const char *verb; /* for messages */
	bool from_files; /* -D: no journal */
	char directory[PATH_MAX];
	const char *config;
	int64_t since, until; /* µs */
	size_t newest; /* how many at most, 0: all */
	bool reverse; /* newest first */
	struct match matches[SELECT_MATCHES_MAX];
	size_t match_count;
	struct reader reader; /* of what is in the files */
	struct index index;
	struct index_entry **found; /* oldest first, or as `reverse` says */
	size_t count;
};

enum select_option {
	SELECT_CONFIG = 0x100,
	SELECT_OPTION_NEXT, /* verbs' own long options count from here */
};

/* For getopt_long: those of all four verbs, and what their --help says. */
#define SELECT_SHORT "D:S:U:h"
#define SELECT_LONG                                                   \
	{ "directory", required_argument, NULL, 'D' },                \
		{ "since", required_argument, NULL, 'S' },            \
		{ "until", required_argument, NULL, 'U' },            \
		{ "config", required_argument, NULL, SELECT_CONFIG }, \
	{                                                             \
		"help", no_argument, NULL, 'h'                        \
	}
#define SELECT_HELP                                                                   \
	"  -D, --directory=DIR  Dumps in DIR, without the journal\n"                  \
	"  -S, --since=WHEN     Not older than WHEN\n"                                \
	"  -U, --until=WHEN     Not newer than WHEN\n"                                \
	"      --config=FILE    Configuration that names the store\n"                 \
	"  -h, --help           This text\n"                                          \
	"\n"                                                                          \
	"A match is an id or its beginning, a PID, a name, an executable's path or\n" \
	"FIELD=VALUE. WHEN is YYYY-MM-DD[ HH:MM[:SS]], HH:MM[:SS], now, today,\n"     \
	"yesterday, @SECONDS, -1h30min or `2 hours ago'.\n"
/* Those of list and info only: they show several crashes. */
#define SELECT_MANY_SHORT "n:r"
#define SELECT_MANY_LONG                            \
	{ "newest", required_argument, NULL, 'n' }, \
	{                                           \
		"reverse", no_argument, NULL, 'r'   \
	}
#define SELECT_MANY_HELP                             \
	"  -n, --newest=N       The newest N only\n" \
	"  -r, --reverse        Newest first\n"

void select_init(struct select *select, const char *verb);
void select_done(struct select *select);
#define _cleanup_select_ _cleanup_(select_done)

/*
 * Take one of the options above. Return: 0; -EINVAL after a message, also for an option that
 * is none of them: then the caller ends with VERB_USAGE.
 */
int select_option(struct select *select, int option, const char *argument) _must_check_;

/* Take the operands. Return as above. */
int select_matches(struct select *select, char **operands) _must_check_;

/*
 * Find the crashes. Return: 0, select->count may be 0; -1 after a message.
 */
int select_load(struct select *select) _must_check_;

/* Tell why nothing was found. Return: VERB_FAILED. */
int select_none(const struct select *select);

/* The last word: what could not be read for lack of memory is said. Return: VERB_DONE or VERB_FAILED. */
int select_status(const struct select *select);

/* The newest one found; says so if there are others. NULL after a message. */
const struct index_entry *select_newest(const struct select *select);
