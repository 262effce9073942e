/* SPDX-License-Identifier: MIT */
/*
 * dumpctl debug: a crash in a debugger, with the files that were mapped, and no others. The core is a temporary
 * file for as long as the debugger runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/escape.h"
#include "dumpctl/debug_choice.h"
#include "dumpctl/debug_command.h"
#include "dumpctl/debug_core.h"
#include "dumpctl/debug_reach.h"
#include "dumpctl/debug_rights.h"
#include "dumpctl/debug_start.h"
#include "dumpctl/debug_sysroot.h"
#include "dumpctl/debug_tell.h"
#include "dumpctl/output.h"
#include "dumpctl/select.h"
#include "dumpctl/verbs.h"

enum {
	OPTION_DEBUGGER = SELECT_OPTION_NEXT,
	OPTION_EXE,
	OPTION_SYSROOT,
	OPTION_DEBUGINFOD,
	OPTION_NO_DROP,
};

struct debug {
	const char *debugger; /* as asked for, or NULL */
	const char *exe, *sysroot; /* likewise */
	bool keep_rights; /* --no-drop */
	struct debug_rights rights;
	struct debug_reach reach;
	struct debug_command command;
	struct debug_core core;
	struct debug_choices choices;
	struct debug_sysroot temporary;
};

static void debug_done(struct debug *debug)
{
	debug_command_done(&debug->command);
	debug_choices_done(&debug->choices);
	debug_reach_done(&debug->reach);
	debug_rights_done(&debug->rights);
	debug_core_close(&debug->core);
	debug_sysroot_done(&debug->temporary);
}

/* "/" where it was in no chroot, or nothing is known of it. */
static const char *root_of(const struct record *record)
{
	return record->root && record->root[0] == '/' ? record->root : "/";
}

/* Of data files nothing else tells whether they are still what they were. */
static int64_t unchanged_since(const struct record *record)
{
	char host[256] = "";

	if (gethostname(host, sizeof(host) - 1) < 0 || !record->hostname ||
	    strcmp(host, record->hostname) != 0 || record->timestamp == RECORD_UNKNOWN)
		return INT64_MIN;
	return record->timestamp;
}

static bool is_foreign(const struct record *record)
{
	return record->mount_namespace &&
	       strcmp(record->mount_namespace, RECORD_NAMESPACE_HOST) != 0;
}

/* What is not shown shall not read as zeros. */
static int hide(struct debug *debug)
{
	struct spans spans = { 0 };
	int r;

	for (size_t i = 0; i < debug->choices.count; i++) {
		const struct debug_choice *choice = &debug->choices.list[i];

		if (!choice->shown)
			spans_add(&spans, choice->start, choice->end);
	}
	spans_join(&spans);
	r = spans.failed ? -ENOMEM : debug_core_hide(&debug->core, &spans);
	spans_done(&spans);
	return r;
}

static int give_sysroot(struct debug *debug)
{
	struct debug_command *command = &debug->command;
	int r;

	if (command->dialect == DEBUG_OTHER_DIALECT) {
		fprintf(stderr,
			"dumpctl debug: warning: %s is neither gdb nor lldb, and not "
			"kept from opening other files than those that were mapped\n",
			command->program);
		return 0;
	}
	r = debug_sysroot_fill(&debug->temporary, &debug->core, &debug->choices,
			       command->dialect == DEBUG_LLDB);
	command->sysroot = debug->temporary.root;
	if (!command->exe)
		command->exe = debug->temporary.program;
	return r;
}

/* The debugger's view, in which there are the right files alone. */
static int guard(struct debug *debug)
{
	struct debug_command *command = &debug->command;
	bool lldb = command->dialect == DEBUG_LLDB;
	const struct debug_choice *program = debug->choices.program;

	if (program && program->shown)
		command->exe = debug_choice_where(program);
	/* without one, lldb takes the first file of the core's list for the executable */
	if (!debug_choices_mislead(&debug->core, &debug->choices) &&
	    (command->exe || !lldb))
		return 0;
	return give_sysroot(debug);
}

/* Which files are the right ones is not known: none but those that the user names. */
static int show_no_files(struct debug *debug)
{
	debug_choices_done(&debug->choices);
	fputs("dumpctl debug: the core has more mappings, notes or files than are looked at, so "
	      "its files are not compared with those on disk: the debugger sees none but those "
	      "of --exe=FILE and --sysroot=DIR, and what the dump lacks may read as zeros\n",
	      stderr);
	debug->command.exe = debug->exe;
	if (!debug->sysroot)
		return give_sysroot(debug);
	debug->command.sysroot = debug->sysroot;
	return 0;
}

/* A debugger warns of an executable that is newer than the core. */
static int set_time(int fd, const struct record *record)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };

	if (record->timestamp < 0)
		return 0;
	times[1].tv_sec = record->timestamp / 1000000;
	times[1].tv_nsec = record->timestamp % 1000000 * 1000;
	return futimens(fd, times) < 0 ? -errno : 0;
}

/* A debugger with a user of its own sees those that this user may read, or is given. */
static int limit_files(struct debug *debug)
{
	int r = 0;

	if (debug->rights.drop)
		r = debug_reach_limit(&debug->core, &debug->rights.user,
				      &debug->temporary, &debug->choices, &debug->reach);
	if (r < 0)
		fprintf(stderr,
			"dumpctl debug: cannot find out which files the debugger may read: %s\n",
			strerror(-r));
	return r;
}

/* An error of this process comes behind an answer without one. */
static const char *why(const struct reader *reader, int error)
{
	return reader->reason[0] ? reader->reason : strerror(-error);
}

/* Which files belong to the core in fd, and which of them the debugger sees. */
static int choose_files(struct debug *debug, struct reader *reader, int fd,
			const struct record *record)
{
	const struct debug_places places = {
		.exe = debug->exe,
		.sysroot = debug->sysroot,
		.root = root_of(record),
		.foreign = is_foreign(record),
		.unchanged_since = unchanged_since(record),
	};
	int r = debug_core_open(reader, fd, record, &debug->core);

	if (r == 0)
		r = debug_choices_make(&debug->core, record, &places, &debug->choices);
	if (r == 0 && debug_core_is_lost(&debug->core))
		r = READER_DIED;
	if (r == -E2BIG)
		return show_no_files(debug);
	if (r < 0) {
		fprintf(stderr, "dumpctl debug: cannot read the core: %s\n",
			r == -EBADMSG ? "it is damaged" : why(reader, r));
		return r;
	}
	r = limit_files(debug);
	if (r < 0)
		return r;
	debug_tell(&debug->choices, record, &places);
	return guard(debug);
}

/* Some file systems tell only then that what was written is not there. */
static int close_copy(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 || close(copy) < 0 ? -errno : 0;
}

static int finish_core(struct debug *debug, const struct reader *reader, int fd,
		       const struct record *record)
{
	int r = hide(debug);

	if (r == 0 && debug->core.by_linker)
		r = debug_core_as_started(&debug->core);
	if (r == 0)
		r = set_time(fd, record);
	if (r == 0 && debug->rights.drop &&
	    fchown(fd, debug->rights.user.uid, debug->rights.user.gid) < 0)
		r = -errno;
	if (r == 0)
		r = close_copy(fd);
	if (r < 0)
		fprintf(stderr, "dumpctl debug: cannot write the core in %s: %s\n",
			debug->temporary.directory, why(reader, r));
	return r;
}

static int debug_core_in(struct debug *debug, const struct index_entry *entry,
			 struct reader *reader, int fd)
{
	int r = output_core(entry, reader, fd);

	debug->reach.fds[debug->reach.n++] = fd;
	debug->command.core = debug->temporary.core;
	if (r == 0)
		r = choose_files(debug, reader, fd, &entry->record);
	if (r == 0)
		r = finish_core(debug, reader, fd, &entry->record);
	reader_done(reader); /* the child: all has been read when the debugger starts */
	if (r == 0)
		debug_rights_tell(&debug->rights, debug->command.program,
				  debug->command.debuginfod);
	return r;
}

static int run_debugger(struct debug *debug)
{
	const struct debug_start start = {
		.command = &debug->command,
		.rights = &debug->rights,
		.reach = &debug->reach,
		.temporary = &debug->temporary,
	};

	return debug_start(&start);
}

static int debug_entry(struct debug *debug, const struct index_entry *entry,
		       struct reader *reader)
{
	int fd, status = VERB_FAILED;

	output_hold_signals();
	fd = debug_sysroot_open(debug->rights.drop ? &debug->rights.user : NULL,
				&debug->temporary);
	if (fd >= 0) {
		if (debug_core_in(debug, entry, reader, fd) == 0)
			status = run_debugger(debug);
		(void)close(fd); /* nothing was written since a copy of it was closed */
	}
	debug_sysroot_remove(&debug->temporary);
	output_deliver_signals();
	return status;
}

static int help(void)
{
	printf("Usage: dumpctl debug [<options>] [<match>...]\n\n"
	       "Opens the newest crash that matches in gdb, or in lldb without gdb, with the\n"
	       "files that were mapped and no others.\n\n"
	       "      --debugger=NAME  This debugger (called: NAME [ARGS] [EXE] -c CORE)\n"
	       "  -A, --debugger-arguments=ARGS\n"
	       "                       Further arguments for it; quotes keep spaces\n"
	       "      --exe=FILE       The executable, if it is no longer at its path\n"
	       "      --sysroot=DIR    Files are below DIR: a container's root, for example\n"
	       "      --debuginfod     Let it ask the servers of DEBUGINFOD_URLS\n"
	       "      --no-drop        Run it as root, also on what others may have made\n" SELECT_HELP);
	return 0;
}

static int run(struct select *select, struct debug *debug)
{
	const struct index_entry *entry;

	if (debug_command_find(debug->debugger, &debug->command) < 0 ||
	    select_load(select) < 0)
		return VERB_FAILED;
	entry = select_newest(select);
	if (!entry || debug_rights_decide(entry, select->from_files, debug->keep_rights,
					  &debug->rights) < 0)
		return VERB_FAILED;
	return debug_entry(debug, entry, &select->reader);
}

static int take_arguments(struct debug *debug, const char *value)
{
	struct words *arguments = &debug->command.arguments;

	words_done(arguments);
	memset(arguments, 0, sizeof(*arguments));
	if (words_split(value, arguments) == 0)
		return 0;
	fprintf(stderr, "dumpctl debug: arguments `%s': a quote does not end\n", value);
	return -EINVAL;
}

/* A file or directory that was named, as an absolute path: the debugger may run elsewhere. */
static int take_path(const char *option, const char *value, char real[PATH_MAX],
		     const char **ret)
{
	if (!realpath(value, real)) {
		fprintf(stderr, "dumpctl debug: %s `%s': %m\n", option, value);
		return -EINVAL;
	}
	*ret = real;
	return 0;
}

static int take_debuginfod(struct debug *debug)
{
	const char *urls = getenv("DEBUGINFOD_URLS");

	debug->command.debuginfod = true;
	if (!urls || !urls[0])
		fputs("dumpctl debug: DEBUGINFOD_URLS is not set: there is no server to ask\n",
		      stderr);
	return 0;
}

int verb_debug(int argc, char **argv)
{
	static const struct option options[] = {
		SELECT_LONG,
		{ "debugger", required_argument, NULL, OPTION_DEBUGGER },
		{ "debugger-arguments", required_argument, NULL, 'A' },
		{ "exe", required_argument, NULL, OPTION_EXE },
		{ "sysroot", required_argument, NULL, OPTION_SYSROOT },
		{ "debuginfod", no_argument, NULL, OPTION_DEBUGINFOD },
		{ "no-drop", no_argument, NULL, OPTION_NO_DROP },
		{ NULL, 0, NULL, 0 },
	};
	static char exe[PATH_MAX], sysroot[PATH_MAX];
	_cleanup_(debug_done) struct debug debug = { 0 };
	_cleanup_select_ struct select select;
	int c, r = 0;

	select_init(&select, argv[0]);
	while (r == 0 &&
	       (c = getopt_long(argc, argv, "A:" SELECT_SHORT, options, NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c == OPTION_DEBUGGER)
			debug.debugger = optarg;
		else if (c == 'A')
			r = take_arguments(&debug, optarg);
		else if (c == OPTION_EXE)
			r = take_path("--exe", optarg, exe, &debug.exe);
		else if (c == OPTION_SYSROOT)
			r = take_path("--sysroot", optarg, sysroot, &debug.sysroot);
		else if (c == OPTION_DEBUGINFOD)
			r = take_debuginfod(&debug);
		else if (c == OPTION_NO_DROP)
			debug.keep_rights = true;
		else
			r = select_option(&select, c, optarg);
	}
	if (r < 0 || select_matches(&select, argv + optind) < 0)
		return VERB_USAGE;
	return run(&select, &debug);
}
