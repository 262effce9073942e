/* SPDX-License-Identifier: MIT */
/*
 * dumpctl list: one line for each crash.
 */
#include <getopt.h>
#include <string.h>

#include "dumpctl/list_table.h"
#include "dumpctl/select.h"
#include "dumpctl/show.h"
#include "dumpctl/verbs.h"
#include "store/valid.h"

enum {
	OPTION_JSON = SELECT_OPTION_NEXT,
	OPTION_WORDS,
};

enum form {
	FORM_TABLE,
	FORM_JSON,
	FORM_WORDS,
};

/* For the shell's completion: what can be given as a match without quoting. */
static int print_words(const struct select *select)
{
	for (size_t i = 0; i < select->count; i++) {
		const struct record *record = &select->found[i]->record;

		if (record->id && record_id_valid(record->id))
			puts(record->id);
		if (record->comm && record->comm[0] != '-' &&
		    strspn(record->comm,
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-") ==
			    strlen(record->comm))
			puts(record->comm);
	}
	return 0;
}

static int print(const struct select *select, enum form form)
{
	switch (form) {
	case FORM_JSON:
		return show_json(select->found, select->count, stdout);
	case FORM_WORDS:
		return print_words(select);
	default:
		return list_table(select->found, select->count);
	}
}

static int help(void)
{
	printf("Usage: dumpctl list [<options>] [<match>...]\n\n"
	       "Lists crashes, oldest first. DUMP is none, present, cut (smaller than "
	       "was\n"
	       "asked for), missing, elsewhere (info tells its -D), inaccessible or damaged.\n\n" SELECT_MANY_HELP
	       "      --json           All that is known, as a JSON array\n"
	       "      --words          Ids and names, one a line, for "
	       "completion\n" SELECT_HELP);
	return 0;
}

int verb_list(int argc, char **argv)
{
	static const struct option options[] = {
		SELECT_LONG,
		SELECT_MANY_LONG,
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "words", no_argument, NULL, OPTION_WORDS },
		{ NULL, 0, NULL, 0 },
	};
	_cleanup_select_ struct select select;
	enum form form = FORM_TABLE;
	int c;

	select_init(&select, argv[0]);
	while ((c = getopt_long(argc, argv, SELECT_SHORT SELECT_MANY_SHORT, options,
				NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c == OPTION_JSON)
			form = FORM_JSON;
		else if (c == OPTION_WORDS)
			form = FORM_WORDS;
		else if (select_option(&select, c, optarg) < 0)
			return VERB_USAGE;
	}
	if (select_matches(&select, argv + optind) < 0)
		return VERB_USAGE;
	if (select_load(&select) < 0)
		return VERB_FAILED;
	if (select.count == 0 && form != FORM_JSON)
		return select_none(&select);
	if (print(&select, form) != 0) {
		fputs("dumpctl list: no memory\n", stderr);
		return VERB_FAILED;
	}
	return select.count > 0 ? select_status(&select) : select_none(&select);
}
