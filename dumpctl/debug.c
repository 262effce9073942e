/* SPDX-License-Identifier: MIT */
/*
 * dumpctl debug: a crash in a debugger. The core is a temporary file for as long as the
 * debugger runs.
 *
 * No shell, and no signal handlers: INT, TERM, HUP and CHLD are blocked and waited for, so
 * that there is no moment at which the temporary file could be forgotten. INT (Ctrl-C) is
 * the debugger's, which gets it from the terminal as well.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/escape.h"
#include "dumpctl/output.h"
#include "dumpctl/select.h"
#include "dumpctl/verbs.h"
#include "dumpctl/words.h"

enum {
	OPTION_DEBUGGER = SELECT_OPTION_NEXT,
};

struct debug {
	const char *debugger; /* as asked for, or NULL */
	char *program; /* where it is */
	struct words arguments;
	const char *exe; /* NULL: the core alone */
	char *core;
};

static void debug_done(struct debug *debug)
{
	free(debug->program);
	free(debug->core);
	words_done(&debug->arguments);
}

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* As execvp(3) would find it, but known before gigabytes are extracted. */
static char *find_program(const char *name)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/'))
		return is_program(name) ? strdup(name) : NULL;
	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	for (;;) {
		int n = (int)strcspn(path, ":");
		char *candidate;

		if (asprintf(&candidate, "%.*s/%s", n ? n : 1, n ? path : ".", name) < 0)
			return NULL;
		if (is_program(candidate))
			return candidate;
		free(candidate);
		if (path[n] == '\0')
			return NULL;
		path += n + 1;
	}
}

static int find_debugger(struct debug *debug)
{
	static const char *const known[] = { "gdb", "lldb" };

	if (debug->debugger) {
		debug->program = find_program(debug->debugger);
		if (!debug->program)
			fprintf(stderr, "dumpctl debug: there is no program `%s'\n",
				debug->debugger);
		return debug->program ? 0 : -ENOENT;
	}
	for (size_t i = 0; i < ARRAY_SIZE(known) && !debug->program; i++)
		debug->program = find_program(known[i]);
	if (!debug->program)
		fputs("dumpctl debug: there is no gdb and no lldb; install one, or name a "
		      "debugger with --debugger=\n",
		      stderr);
	return debug->program ? 0 : -ENOENT;
}

/* Why the executable cannot be given to the debugger, NULL if it can. */
static const char *exe_problem(const char *exe)
{
	static const char mark[] = " (deleted)";
	size_t n = exe ? strlen(exe) : 0;
	struct stat st;

	if (!exe)
		return "it is not recorded";
	if (exe[0] != '/')
		return "its path is not absolute";
	if (n >= sizeof(mark) && strcmp(exe + n - (sizeof(mark) - 1), mark) == 0)
		return "it was replaced or removed before the crash";
	if (stat(exe, &st) < 0 || !S_ISREG(st.st_mode))
		return "it is not there";
	return NULL;
}

static void choose_exe(struct debug *debug, const struct record *record)
{
	const char *problem = exe_problem(record->exe);
	_cleanup_free_ char *shown = NULL;

	if (!problem) {
		debug->exe = record->exe;
		return;
	}
	shown = record->exe ? escape_text(record->exe, strlen(record->exe)) : NULL;
	fprintf(stderr,
		"dumpctl debug: without the executable%s%s (%s): only the core is opened\n",
		shown ? " " : "", shown ? shown : "", problem);
	if (shown)
		fputs("dumpctl debug: give a copy of it to the debugger by hand (gdb: file PATH; "
		      "lldb: target create PATH --core CORE)\n",
		      stderr);
}

/* Only root can have put a file of root's there; any other says of itself what it likes. */
static bool is_roots_file(const struct index_entry *entry)
{
	_cleanup_fd_ int dirfd = open(entry->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	return dirfd >= 0 && fstatat(dirfd, entry->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_uid == 0;
}

/* Whose choice the dump's content may be, a new string; NULL: root's own, or no memory. */
static char *doubt(const struct index_entry *entry)
{
	const struct record *record = &entry->record;
	char *text = NULL;

	if (!is_roots_file(entry))
		return strdup("a dump whose file does not belong to root, so its record "
			      "may be forged");
	if (record->uid == RECORD_UNKNOWN)
		return strdup("the dump of an unknown user's process");
	if (record->uid == 0 && record->verified == 1)
		return NULL;
	if (record->uid == 0)
		return strdup("the dump of a process that is not verified to be root's");
	if (asprintf(&text, "the dump of a process of user %" PRId64, record->uid) < 0)
		return NULL;
	return text;
}

/*
 * What is in a dump is the crashed program's choice, and debuggers have bugs: root should
 * know that it lends its rights to them (compare `sudo coredumpctl debug').
 */
static void warn_of_root(const struct debug *debug, const struct index_entry *entry)
{
	_cleanup_free_ char *why = geteuid() == 0 ? doubt(entry) : NULL;

	if (!why)
		return;
	fprintf(stderr, "dumpctl debug: warning: %s runs as root on %s\n", debug->program,
		why);
	fputs("dumpctl debug: what is in it can attack the debugger; to be safe, extract it and "
	      "debug it as a user without rights\n",
	      stderr);
}

/* An empty file of mode 0600 for the core. */
static int make_core(struct debug *debug)
{
	const char *directory = getenv("TMPDIR");
	int fd;

	/* /tmp is often memory; a core can be larger. */
	if (!directory || directory[0] != '/')
		directory = "/var/tmp";
	if (asprintf(&debug->core, "%s/dumpctl-core-XXXXXX", directory) < 0) {
		debug->core = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(debug->core, O_CLOEXEC);
	if (fd < 0) {
		fd = -errno;
		fprintf(stderr, "dumpctl debug: cannot make %s: %s\n", debug->core,
			strerror(-fd));
		free(debug->core);
		debug->core = NULL;
	}
	return fd;
}

static void watched_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGQUIT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGCHLD);
}

static _noreturn_ void become_debugger(const struct debug *debug, const sigset_t *mask)
{
	size_t n = 0;
	/* program, arguments, exe, -c, core, NULL */
	char **argv = calloc(debug->arguments.count + 5, sizeof(*argv));
	char option[] = "-c";

	if (argv) {
		argv[n++] = debug->program;
		for (size_t i = 0; i < debug->arguments.count; i++)
			argv[n++] = debug->arguments.list[i];
		if (debug->exe)
			argv[n++] = (char *)debug->exe;
		argv[n++] = option;
		argv[n++] = debug->core;
		(void)sigprocmask(SIG_SETMASK, mask, NULL); /* cannot fail */
		(void)signal(SIGXFSZ, SIG_DFL); /* output.c ignores it */
		execv(debug->program, argv);
	}
	fprintf(stderr, "dumpctl debug: cannot run %s: %m\n", debug->program);
	_exit(127);
}

static void remove_core(struct debug *debug)
{
	if (debug->core && unlink(debug->core) < 0 && errno != ENOENT)
		fprintf(stderr, "dumpctl debug: cannot remove %s: %m\n", debug->core);
}

/* Until the debugger ends. TERM and HUP are passed on to it, and the core goes at once. */
static int wait_for(struct debug *debug, pid_t child, const sigset_t *set)
{
	int status;

	for (;;) {
		int signal = sigwaitinfo(set, NULL);

		if (signal == SIGTERM || signal == SIGHUP) {
			remove_core(debug);
			(void)kill(child, signal); /* it may just have ended */
		}
		if (signal != SIGCHLD)
			continue;
		if (waitpid(child, &status, WNOHANG) == child)
			return WIFEXITED(status) ? WEXITSTATUS(status)
						 : 128 + WTERMSIG(status);
	}
}

static int run_debugger(struct debug *debug)
{
	sigset_t set, before;
	pid_t child;

	watched_signals(&set);
	(void)sigprocmask(SIG_BLOCK, NULL, &before); /* the mask as it is */
	sigdelset(&before, SIGINT);
	sigdelset(&before, SIGTERM);
	sigdelset(&before, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)fflush(stdout); /* or the child would print it again */
	child = fork();
	if (child == 0)
		become_debugger(debug, &before);
	if (child < 0) {
		fprintf(stderr, "dumpctl debug: cannot start the debugger: %m\n");
		return VERB_FAILED;
	}
	return wait_for(debug, child, &set);
}

static int debug_entry(struct debug *debug, const struct index_entry *entry)
{
	int fd, r, status = VERB_FAILED;

	output_hold_signals();
	fd = make_core(debug);
	if (fd >= 0) {
		r = output_core(entry, fd, "debug");
		if (close(fd) < 0 && r == 0) {
			r = -errno;
			fprintf(stderr, "dumpctl debug: cannot write %s: %m\n",
				debug->core);
		}
		if (r == 0)
			status = run_debugger(debug);
		remove_core(debug);
	}
	output_deliver_signals();
	return status;
}

static int help(void)
{
	printf("Usage: dumpctl debug [<options>] [<match>...]\n\n"
	       "Opens the newest crash that matches in gdb, or in lldb without gdb.\n\n"
	       "      --debugger=NAME  This debugger (called: NAME [ARGS] [EXE] -c CORE)\n"
	       "  -A, --debugger-arguments=ARGS\n"
	       "                       Further arguments for it; quotes keep spaces\n" SELECT_HELP);
	return 0;
}

static int run(struct select *select, struct debug *debug)
{
	const struct index_entry *entry;

	if (find_debugger(debug) < 0 || select_load(select) < 0)
		return VERB_FAILED;
	entry = select_newest(select);
	if (!entry)
		return VERB_FAILED;
	if (entry->state == INDEX_PRESENT || entry->state == INDEX_CUT) {
		choose_exe(debug, &entry->record);
		warn_of_root(debug, entry);
	}
	return debug_entry(debug, entry);
}

static int take_arguments(struct debug *debug, const char *value)
{
	words_done(&debug->arguments);
	memset(&debug->arguments, 0, sizeof(debug->arguments));
	if (words_split(value, &debug->arguments) == 0)
		return 0;
	fprintf(stderr, "dumpctl debug: arguments `%s': a quote does not end\n", value);
	return -EINVAL;
}

int verb_debug(int argc, char **argv)
{
	static const struct option options[] = {
		SELECT_LONG,
		{ "debugger", required_argument, NULL, OPTION_DEBUGGER },
		{ "debugger-arguments", required_argument, NULL, 'A' },
		{ NULL, 0, NULL, 0 },
	};
	_cleanup_(debug_done) struct debug debug = { 0 };
	_cleanup_select_ struct select select;
	int c;

	select_init(&select, argv[0]);
	while ((c = getopt_long(argc, argv, "A:" SELECT_SHORT, options, NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c == OPTION_DEBUGGER)
			debug.debugger = optarg;
		else if ((c == 'A' ? take_arguments(&debug, optarg)
				   : select_option(&select, c, optarg)) < 0)
			return VERB_USAGE;
	}
	if (select_matches(&select, argv + optind) < 0)
		return VERB_USAGE;
	return run(&select, &debug);
}
