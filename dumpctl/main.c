/* SPDX-License-Identifier: MIT */
/*
 * dumpctl: picks the verb, nothing else.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
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
	{ "config", verb_config,
	  "Shows the configuration in force and where it is from" },
	{ "setup", verb_setup, "Makes the kernel send crashes to dumpd, or no longer" },
	{ "status", verb_status, "Tells whether crashes are caught, and tests it" },
};

static void print_help(FILE *out)
{
	fprintf(out, "Usage: dumpctl <verb> [<options>] [<match>...]\n\n"
		     "Verbs:\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(out, "  %-8s  %s\n", verbs[i].name, verbs[i].help);
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

int main(int argc, char **argv)
{
	char name[] = "list";
	char *list[] = { name, NULL };

	if (argc < 2)
		return finish(verb_list(1, list));
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return finish(0);
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("dumpctl " DUMPD_VERSION);
		return finish(0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(argv[1], verbs[i].name) == 0)
			return finish(verbs[i].run(argc - 1, argv + 1));
	}
	fprintf(stderr, "dumpctl: no verb `%s'.\n\n", argv[1]);
	print_help(stderr);
	return VERB_USAGE;
}
