/* SPDX-License-Identifier: MIT */
/*
 * Kills a process that dumps core and puts another in its place, under its PID:
 *
 *   reuse ROUNDS SEED DIRECTORY
 *
 * as root, for clone3(2) gives the PID at once that an attacker would have to wait for. DIRECTORY has
 * reuse-priv/reuse-priv and reuse-user/reuse-user; both crash by themselves, in turn the one is killed
 * and the other follows. Prints how many were replaced.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define USER 1000

/* A handler's way from its start to its last look at /proc takes some 3 ms, 20 under load. */
#define SHORT_USEC 5000
#define LONG_USEC  25000

static const char *const names[] = { "reuse-priv", "reuse-user" };

static void become(const char *directory, const char *name)
{
	char path[4096], argument[64], variable[64];
	char *argv[] = { path, argument, NULL }, *envp[] = { variable, NULL };

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (chdir(path) < 0)
		_exit(9);
	snprintf(path, sizeof(path), "%s/%s/%s", directory, name, name);
	snprintf(argument, sizeof(argument), "argument-of-%s", name);
	snprintf(variable, sizeof(variable), "WHO=environment-of-%s", name);
	if (setgroups(0, NULL) == 0 && setresgid(USER, USER, USER) == 0 &&
	    setresuid(USER, USER, USER) == 0)
		execve(path, argv, envp);
	_exit(9);
}

/* PID 0: any. */
static pid_t start(pid_t pid, const char *directory, const char *name)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = pid > 0 ? (uintptr_t)&pid : 0,
		.set_tid_size = pid > 0,
	};
	pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (child == 0)
		become(directory, name);
	return child;
}

static void wait_for(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int main(int argc, char **argv)
{
	long rounds = argc == 4 ? strtol(argv[1], NULL, 10) : 0, replaced = 0;

	if (rounds <= 0)
		return 2;
	srandom((unsigned int)strtoul(argv[2], NULL, 10));
	for (long i = 0; i < rounds; i++) {
		long most = random() % 4 ? SHORT_USEC : LONG_USEC;
		struct timespec moment = { 0, random() % most * 1000 };
		pid_t victim = start(0, argv[3], names[i % 2]), heir;

		if (victim < 0)
			return 1;
		(void)nanosleep(&moment, NULL);
		(void)kill(victim, SIGKILL); /* or it has ended, and this is a zombie */
		wait_for(victim);
		heir = start(victim, argv[3], names[(i + 1) % 2]);
		if (heir == victim) {
			replaced++;
			wait_for(heir);
		}
	}
	printf("%ld\n", replaced);
	return 0;
}
