/* SPDX-License-Identifier: MIT */
/*
 * Runs the handler and does something at its n-th system call, of the parent or of the worker, counted
 * over all their threads:
 *
 *   calls STATE ROLE AT WHAT COMMAND...
 *
 * ROLE: parent or worker. AT: from 1; 0: nowhere; wN: of pwrite64(2) alone; eN: of exit_group(2). WHAT: kill, killN by another signal than SIGKILL, an error's number, or that with a '+': each
 * further call of the same number fails, too. A kill comes before the call; a call that fails was not
 * made. Counted from the beginning for kill, else from main() on: what fails before is the loader's.
 *
 * strace(1) counts for each thread on its own, and a call that it makes fail is none to the worker's
 * filter of system calls: number -1. Here it becomes a read from a descriptor that is not there.
 *
 * STATE gets "PARENT WORKER NUMBER": calls counted, and the number of that at which it was done, -1 for
 * none. The exit status is the parent's, 128 + its signal, or 99: somebody was left after LIMIT seconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT  40
#define LEFT   99
#define TASKS  256
#define TRACED (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

enum role {
	PARENT,
	WORKER,
	ROLES
};

struct task {
	pid_t tid, tgid;
	bool inside; /* a system call */
	int error; /* that this call is to give; 0: none */
	unsigned long long first; /* its first argument */
};

struct tracer {
	pid_t parent;
	enum role role;
	long at;
	long only; /* calls of this number alone count; -1: all */
	int error; /* 0: kill */
	int signal; /* by that */
	bool ever, started;
	long count[ROLES];
	long number; /* -1: not done yet */
	struct task tasks[TASKS];
	size_t task_count;
};

static _Noreturn void give_up(const char *what)
{
	perror(what);
	exit(LEFT);
}

static pid_t tgid_of(pid_t tid)
{
	char path[64], line[256];
	pid_t tgid = tid;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Tgid: %d", &tgid) == 1)
			break;
	}
	if (file)
		fclose(file);
	return tgid;
}

/* NULL: it was not seen before, and is now. */
static struct task *find(struct tracer *tracer, pid_t tid)
{
	for (size_t i = 0; i < tracer->task_count; i++) {
		if (tracer->tasks[i].tid == tid)
			return &tracer->tasks[i];
	}
	if (tracer->task_count == TASKS)
		give_up("calls: too many threads");
	tracer->tasks[tracer->task_count++] =
		(struct task){ .tid = tid, .tgid = tgid_of(tid) };
	return NULL;
}

/* To end, to wait for others, or to go back from a signal cannot fail; glibc ends whoever has no rseq(2). */
static bool can_fail(long number)
{
	return number != SYS_exit && number != SYS_exit_group && number != SYS_futex &&
	       number != SYS_rt_sigreturn && number != SYS_execve && number != SYS_rseq;
}

/* main()'s first call: fcntl(2, F_GETFD), of isolate_start(). */
static bool is_start(const struct user_regs_struct *regs)
{
	return (long)regs->orig_rax == SYS_fcntl && regs->rdi == STDERR_FILENO &&
	       regs->rsi == F_GETFD;
}

static bool is_due(struct tracer *tracer, const struct task *task, long number)
{
	enum role role = task->tgid == tracer->parent ? PARENT : WORKER;

	if (tracer->only >= 0 && number != tracer->only)
		return false;
	tracer->count[role]++;
	if (role != tracer->role)
		return false;
	if (tracer->ever && tracer->number >= 0)
		return number == tracer->number;
	return tracer->count[role] == tracer->at;
}

static void enter(struct tracer *tracer, struct task *task)
{
	struct user_regs_struct regs;
	long number;

	if (ptrace(PTRACE_GETREGS, task->tid, 0, &regs) < 0)
		return; /* it was killed */
	number = (long)regs.orig_rax;
	tracer->started |= tracer->error == 0 || is_start(&regs);
	if (!tracer->started || (tracer->error && !can_fail(number)) ||
	    !is_due(tracer, task, number))
		return;
	tracer->number = number;
	if (tracer->error == 0) {
		kill(task->tgid, tracer->signal);
		return;
	}
	task->error = tracer->error;
	task->first = regs.rdi;
	regs.orig_rax = SYS_read;
	regs.rdi = (unsigned long long)-1;
	(void)ptrace(PTRACE_SETREGS, task->tid, 0, &regs);
}

static void leave(struct task *task)
{
	struct user_regs_struct regs;

	if (!task->error || ptrace(PTRACE_GETREGS, task->tid, 0, &regs) < 0)
		return;
	regs.rax = (unsigned long long)-(long long)task->error;
	regs.rdi = task->first;
	task->error = 0;
	(void)ptrace(PTRACE_SETREGS, task->tid, 0, &regs);
}

/* Return: the signal to go on with. */
static int stopped(struct tracer *tracer, pid_t tid, int status)
{
	struct task *task = find(tracer, tid);
	int number = WSTOPSIG(status);

	if (status >> 16)
		return 0; /* somebody was started */
	if (!task)
		return number == SIGSTOP ? 0 : number; /* its first stop */
	if (number != TRACED)
		return number;
	task->inside = !task->inside;
	if (task->inside)
		enter(tracer, task);
	else
		leave(task);
	return 0;
}

static pid_t start(char **command)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0 || raise(SIGSTOP) != 0)
			_exit(LEFT);
		execv(command[0], command);
		_exit(LEFT);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		give_up("calls: fork");
	if (ptrace(PTRACE_SETOPTIONS, pid, 0,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
			   PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			   PTRACE_O_EXITKILL) < 0)
		give_up("calls: ptrace");
	(void)ptrace(PTRACE_SYSCALL, pid, 0, 0);
	close(STDIN_FILENO); /* of which nobody but the handler holds the crashed process */
	return pid;
}

/* Whoever waits for it finds it whole. */
static void write_state(const char *path, const struct tracer *tracer)
{
	char other[256];
	FILE *file;

	snprintf(other, sizeof(other), "%s.new", path);
	file = fopen(other, "we");
	if (!file ||
	    fprintf(file, "%ld %ld %ld\n", tracer->count[PARENT], tracer->count[WORKER],
		    tracer->number) < 0 ||
	    fclose(file) != 0 || rename(other, path) < 0)
		give_up(path);
}

/* alarm() ends waitpid(): no SA_RESTART. */
static void on_alarm(int number)
{
	(void)number;
}

/* Until nobody is left. Return: of the parent, as waitpid(). */
static int follow(struct tracer *tracer)
{
	int status, last = 0;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status))
			(void)ptrace(PTRACE_SYSCALL, tid, 0,
				     stopped(tracer, tid, status));
		else if (tid == tracer->parent)
			last = status;
	}
	return errno == ECHILD ? last : -1;
}

int main(int argc, char **argv)
{
	static const struct sigaction action = { .sa_handler = on_alarm };
	static struct tracer tracer = { .number = -1 };
	int status;

	if (argc < 6)
		return LEFT;
	tracer.role = strcmp(argv[2], "worker") == 0 ? WORKER : PARENT;
	tracer.only = argv[3][0] == 'w'	  ? SYS_pwrite64
		      : argv[3][0] == 'e' ? SYS_exit_group
					  : -1;
	tracer.at = atol(argv[3] + (tracer.only >= 0));
	tracer.error = atoi(argv[4]); /* "kill" is 0 */
	tracer.signal = strcmp(argv[4], "kill") == 0 ? SIGKILL
						     : atoi(argv[4] + strlen("kill"));
	tracer.ever = strchr(argv[4], '+') != NULL;
	sigaction(SIGALRM, &action, NULL);
	alarm(LIMIT);
	tracer.parent = start(argv + 5);
	find(&tracer, tracer.parent);
	status = follow(&tracer);
	write_state(argv[1], &tracer);
	if (status == -1)
		return LEFT;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
