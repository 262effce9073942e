/* SPDX-License-Identifier: MIT */
/*
 * dumpctl info: all that is known of a crash, and how to go on.
 */
#include <errno.h>
#include <getopt.h>

#include "dumpctl/info_print.h"
#include "dumpctl/memory.h"
#include "dumpctl/select.h"
#include "dumpctl/show.h"
#include "dumpctl/verbs.h"

enum {
	OPTION_JSON = SELECT_OPTION_NEXT,
	OPTION_MEMORY,
	OPTION_ALL,
	OPTION_MODULES,
};

static int print_entries(const struct select *select, bool modules)
{
	int r = 0;

	for (size_t i = 0; i < select->count && r == 0; i++) {
		if (i > 0)
			putchar('\n');
		r = info_print(select->found[i], modules);
	}
	return r;
}

static int help(void)
{
	printf("Usage: dumpctl info [<options>] [<match>...]\n\n"
	       "Tells all that is known of a crash; of the newest one without a "
	       "match.\n\n" SELECT_MANY_HELP
	       "      --memory         What became of its memory, and why\n"
	       "      --all            The same, a line for each mapping\n"
	       "      --modules        Also each mapped program and library, and its build-id\n"
	       "      --json           As a JSON array\n" SELECT_HELP);
	return 0;
}

/* What is asked for. */
struct asked {
	bool memory; /* alone */
	bool modules;
	struct memory_options how;
};

static int print(struct select *select, const struct asked *asked)
{
	if (asked->memory)
		return memory_show(select->found, select->count, &select->reader,
				   &asked->how);
	return asked->how.json ? show_json(select->found, select->count, stdout)
			       : print_entries(select, asked->modules);
}

static int run(struct select *select, const struct asked *asked)
{
	int r;

	/* Everything of everything is nobody's question. */
	if (select->match_count == 0 && select->newest == 0)
		select->newest = 1;
	if (select_load(select) < 0)
		return VERB_FAILED;
	if (select->count == 0 && !asked->how.json)
		return select_none(select);
	r = print(select, asked);
	if (r == -ENOMEM)
		fputs("dumpctl info: no memory\n", stderr);
	if (r < 0)
		return VERB_FAILED;
	return select->count > 0 ? select_status(select) : select_none(select);
}

int verb_info(int argc, char **argv)
{
	static const struct option options[] = {
		SELECT_LONG,
		SELECT_MANY_LONG,
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "memory", no_argument, NULL, OPTION_MEMORY },
		{ "all", no_argument, NULL, OPTION_ALL },
		{ "modules", no_argument, NULL, OPTION_MODULES },
		{ NULL, 0, NULL, 0 },
	};
	_cleanup_select_ struct select select;
	struct asked asked = { false };
	int c;

	select_init(&select, argv[0]);
	while ((c = getopt_long(argc, argv, SELECT_SHORT SELECT_MANY_SHORT, options,
				NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c == OPTION_JSON)
			asked.how.json = true;
		else if (c == OPTION_ALL)
			asked.how.all = asked.memory = true;
		else if (c == OPTION_MEMORY)
			asked.memory = true;
		else if (c == OPTION_MODULES)
			asked.modules = true;
		else if (select_option(&select, c, optarg) < 0)
			return VERB_USAGE;
	}
	if (select_matches(&select, argv + optind) < 0)
		return VERB_USAGE;
	return run(&select, &asked);
}
