/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "dumpctl/debug_environment.h"
#include "dumpctl/debug_relay.h"
#include "dumpctl/debug_start.h"
#include "dumpctl/verbs.h"

/* For a debugger with rights of its own to end when it is asked to; then it is ended. */
#define END_MS INT64_C(2000)

static void watched_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGQUIT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGCHLD);
}

/* Block them. *ret: what the debugger starts with. */
static void watch_signals(sigset_t *set, sigset_t *ret)
{
	watched_signals(set);
	(void)sigprocmask(SIG_BLOCK, NULL, ret); /* the mask as it is */
	sigdelset(ret, SIGINT);
	sigdelset(ret, SIGTERM);
	sigdelset(ret, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, set, NULL);
	(void)fflush(stdout); /* or the child would print it again */
}

static _noreturn_ void become(const struct debug_start *start, const sigset_t *mask)
{
	const struct debug_command *command = start->command;
	char **argv = debug_command_arguments(command);

	if (argv) {
		(void)sigprocmask(SIG_SETMASK, mask, NULL); /* cannot fail */
		(void)signal(SIGXFSZ, SIG_DFL); /* output.c ignores it */
		execv(command->program, argv);
	}
	fprintf(stderr, "dumpctl debug: cannot run %s: %m\n", command->program);
	_exit(127);
}

static _noreturn_ void become_with_our_rights(const struct debug_start *start,
					      const sigset_t *mask)
{
	const struct debug_sysroot *temporary = start->temporary;

	if (!start->command->debuginfod)
		(void)unsetenv("DEBUGINFOD_URLS"); /* a valid name */
	if (temporary->moved && chdir(temporary->here) < 0) {
		fprintf(stderr, "dumpctl debug: %s: %m\n", temporary->here);
		_exit(127);
	}
	become(start, mask);
}

static int give_up(const struct debug_start *start, const struct debug_relay *relay,
		   pid_t parent)
{
	const struct isolate_debugger rights = {
		.user = start->rights->user,
		.parent = parent,
		.fds = start->reach->fds,
		.n = start->reach->n,
		.network = start->command->debuginfod,
	};
	int r = debug_relay_enter(relay);

	return r == 0 ? isolate_debugger(&rights) : r;
}

static _noreturn_ void become_without(const struct debug_start *start,
				      const struct debug_relay *relay,
				      const sigset_t *mask, pid_t parent)
{
	const struct debug_sysroot *temporary = start->temporary;
	int r = give_up(start, relay, parent);

	if (r == -ENOSYS)
		fputs("dumpctl debug: this kernel cannot keep the debugger from the network (CONFIG_SECCOMP_FILTER); "
		      "--debuginfod lets it use it\n",
		      stderr);
	else if (r < 0)
		fprintf(stderr,
			"dumpctl debug: the debugger cannot be given less rights: %s\n",
			strerror(-r));
	if (r == 0)
		r = debug_environment(temporary, start->command->debuginfod);
	if (r < 0)
		_exit(127);
	become(start, mask);
}

static int fail(const char *what, int error)
{
	fprintf(stderr, "dumpctl debug: cannot %s: %s\n", what, strerror(-error));
	return VERB_FAILED;
}

/* Until the debugger ends. TERM and HUP are passed on to it, and the core goes at once. */
static int wait_for(const struct debug_start *start, pid_t child, const sigset_t *set)
{
	pid_t ended;
	int status;

	for (;;) {
		int signal = sigwaitinfo(set, NULL);

		if (signal == SIGTERM || signal == SIGHUP) {
			debug_sysroot_remove(start->temporary);
			(void)kill(child, signal); /* it may just have ended */
		}
		if (signal != SIGCHLD)
			continue;
		ended = waitpid(child, &status, WNOHANG);
		if (ended < 0)
			return fail("wait for the debugger", -errno);
		if (ended == child)
			return WIFEXITED(status) ? WEXITSTATUS(status)
						 : 128 + WTERMSIG(status);
	}
}

/* INT (Ctrl-C) is the debugger's, which gets it from the terminal as well. */
static int run_with_our_rights(const struct debug_start *start)
{
	sigset_t set, before;
	pid_t child;

	watch_signals(&set, &before);
	child = fork();
	if (child == 0)
		become_with_our_rights(start, &before);
	return child < 0 ? fail("start the debugger", -errno)
			 : wait_for(start, child, &set);
}

/* One that has a session of its own, whose first process and group it is. */
struct session {
	struct debug_relay relay;
	int signals;
	pid_t child;
	int64_t until; /* it is asked to end; µs, 0: it is not */
	int status; /* -1: it runs */
};

/* It and what it started in its group; its group is not there before it made it. */
static void signal_session(const struct session *session, int signal)
{
	if (kill(-session->child, signal) < 0)
		(void)kill(session->child, signal); /* it may just have ended */
}

/* The group is ended before its number can be another's: as long as its first process is not waited for. */
static void take_child(struct session *session)
{
	siginfo_t info = { .si_pid = 0 };
	int status;

	/* nobody else would continue it */
	if (waitid(P_PID, (id_t)session->child, &info, WSTOPPED | WNOHANG) == 0 &&
	    info.si_pid != 0)
		signal_session(session, SIGCONT);
	info.si_pid = 0;
	if (waitid(P_PID, (id_t)session->child, &info, WEXITED | WNOHANG | WNOWAIT) < 0) {
		session->status = fail("wait for the debugger", -errno);
		return;
	}
	if (info.si_pid == 0)
		return;
	signal_session(session, SIGKILL);
	if (waitpid(session->child, &status, 0) == session->child)
		session->status = WIFEXITED(status) ? WEXITSTATUS(status)
						    : 128 + WTERMSIG(status);
	else
		session->status = fail("wait for the debugger", -errno);
}

static void take_signal(struct session *session, uint32_t signal)
{
	switch (signal) {
	case SIGCHLD:
		take_child(session);
		break;
	case SIGWINCH:
		debug_relay_resize(&session->relay);
		break;
	case SIGCONT:
		debug_relay_begin(&session->relay);
		debug_relay_resize(&session->relay);
		break;
	case SIGTERM:
	case SIGHUP:
		session->until = clock_usec(CLOCK_MONOTONIC) + END_MS * 1000;
		signal_session(session, (int)signal);
		break;
	default: /* it is not in the session of the terminal that they come from */
		signal_session(session, (int)signal);
	}
}

static int watch(struct session *session)
{
	struct signalfd_siginfo info;

	debug_relay_begin(&session->relay);
	while (session->status < 0) {
		debug_relay_until(&session->relay, session->signals,
				  session->until ? (int)END_MS / 4 : -1);
		while (read(session->signals, &info, sizeof(info)) == sizeof(info) &&
		       session->status < 0)
			take_signal(session, info.ssi_signo);
		if (session->status < 0 && session->until &&
		    clock_usec(CLOCK_MONOTONIC) >= session->until)
			signal_session(session, SIGKILL);
	}
	return session->status;
}

static int run_without(const struct debug_start *start)
{
	struct session session = { .status = -1 };
	sigset_t set, before;
	pid_t self = getpid();
	int r;

	watch_signals(&set, &before);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGCONT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	isolate_debugger_adopt();
	r = debug_relay_open(&start->rights->user, &session.relay);
	session.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r < 0 || session.signals < 0) {
		r = fail("make a terminal for the debugger", r < 0 ? r : -errno);
	} else {
		session.child = fork();
		if (session.child == 0)
			become_without(start, &session.relay, &before, self);
		r = session.child < 0 ? fail("start the debugger", -errno)
				      : watch(&session);
	}
	debug_relay_close(&session.relay);
	if (session.signals >= 0)
		(void)close(session.signals); /* only read */
	return r;
}

int debug_start(const struct debug_start *start)
{
	return start->rights->drop ? run_without(start) : run_with_our_rights(start);
}
