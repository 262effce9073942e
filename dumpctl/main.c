/* SPDX-License-Identifier: MIT */
/*
 * dumpctl: picks the verb, nothing else.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "dumpctl/select.h"
#include "dumpctl/verbs.h"

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} verbs[] = {
	{ "list", verb_list, "Lists crashes, oldest first" },
	{ "info", verb_info, "Tells all that is known of a crash" },
	{ "extract", verb_extract, "Writes a crash's core file" },
	{ "debug", verb_debug, "Opens a crash in gdb or lldb" },
	{ "refilter", verb_refilter, "Filters a stored dump anew, into another" },
	{ "verify", verb_verify, "Reads stored dumps to their last byte" },
	{ "rm", verb_rm, "Removes a stored dump" },
	{ "vacuum", verb_vacuum, "Removes what the limits of the store say" },
	{ "disk-usage", verb_disk_usage, "Tells whose dumps take how much" },
	{ "config", verb_config,
	  "Shows the configuration in force and where it is from" },
	{ "setup", verb_setup, "Makes the kernel send crashes to dumpd, or no longer" },
	{ "status", verb_status, "Tells whether crashes are caught, and tests it" },
};

static void print_help(FILE *out)
{
	fprintf(out, "Usage: dumpctl [<options>] [<verb>] [<options>] [<match>...]\n\n"
		     "Verbs:\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(out, "  %-10s  %s\n", verbs[i].name, verbs[i].help);
	fprintf(out, "\nWithout a verb: list. `dumpctl <verb> --help' has the options, "
		     "dumpctl(1) everything.\n");
}

/* Output that did not reach its reader is a failure (a full disk, a closed pipe). */
static int finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "dumpctl: cannot write the output: %m\n");
	return status == 0 ? VERB_FAILED : status;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(name, verbs[i].name) == 0)
			return &verbs[i];
	}
	return NULL;
}

/*
 * Where the verb is: options may come before it, as with coredumpctl. argc: there is none;
 * -1: an option before it is unknown, and getopt has said so.
 */
static int verb_index(int argc, char **argv)
{
	static const struct option options[] = {
		SELECT_LONG,
		SELECT_MANY_LONG,
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int c, at;

	/* '+': stop at the first operand */
	while ((c = getopt_long(argc, argv, "+" SELECT_SHORT SELECT_MANY_SHORT, options,
				NULL)) != -1) {
		if (c == '?')
			return -1;
	}
	at = optind;
	optind = 0; /* the verb begins anew; getopt(3): 0 also resets what is inside */
	return at;
}

/* The verb first, then the options that stood before it, then the rest. */
static int run(int argc, char **argv, int at)
{
	char list[] = "list";
	char *name = at < argc ? argv[at] : list;
	const struct verb *verb = find_verb(name);
	_cleanup_free_ char **ordered = calloc((size_t)argc + 2, sizeof(*ordered));
	int n = 0;

	if (!verb) {
		fprintf(stderr, "dumpctl: no verb `%s'.\n\n", name);
		print_help(stderr);
		return VERB_USAGE;
	}
	if (!ordered) {
		fputs("dumpctl: out of memory\n", stderr);
		return VERB_FAILED;
	}
	ordered[n++] = name;
	for (int i = 1; i < argc; i++) {
		if (i != at)
			ordered[n++] = argv[i];
	}
	return verb->run(n, ordered);
}

int main(int argc, char **argv)
{
	const char *first = argc > 1 ? argv[1] : "";
	int at;

	/* where who started it ignores them, nobody would be told that a child of ours ended */
	(void)signal(SIGCHLD, SIG_DFL);
	if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 ||
	    strcmp(first, "help") == 0) {
		print_help(stdout);
		return finish(0);
	}
	if (strcmp(first, "--version") == 0) {
		puts("dumpctl " DUMPD_VERSION);
		return finish(0);
	}
	at = verb_index(argc, argv);
	return at < 0 ? VERB_USAGE : finish(run(argc, argv, at));
}
