/* SPDX-License-Identifier: MIT */
/*
 * What the kernel starts in place of a handler: it runs the handler, waits for it and for all that
 * it leaves behind, and writes what they used as one line of JSON to the FIFO `report` beside
 * itself.
 *
 *   |DIR/launcher %P HANDLER ARGUMENT...
 *   |DIR/launcher %P -s HANDLER ARGUMENT...
 *
 * -s: HANDLER hands the core to a second process, as systemd-coredump does: the launcher is
 * systemd-coredump.socket and its service, too, without the sandbox that systemd would set up.
 *
 * The handler has the kernel's descriptors (0, with %F also 3) and environment. The launcher
 * lets its own copy of them go, or the process that crashed would wait for it. `ns` beside it
 * is a mount name space, in which there is a journal for this run alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SOCKET_PATH "/run/systemd/coredump"
#define SERVICE_FD  3 /* SD_LISTEN_FDS_START */
#define LIMIT	    900 /* seconds; longer than measure.py waits */
#define OWN_FD	    20 /* out of the way of what the kernel gave */

struct used {
	uint64_t cpu; /* microseconds */
	long rss; /* KiB, of the largest process */
	unsigned processes;
	int status;
};

static uint64_t now(void)
{
	struct timespec time;

	if (clock_gettime(CLOCK_MONOTONIC, &time) < 0)
		_exit(126);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint64_t microseconds(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

/* NAME beside this program. The kernel gives 1 and 2 to nobody: they must stay closed. */
static int open_beside(const char *self, const char *name, int flags)
{
	char path[PATH_MAX];
	const char *slash = strrchr(self, '/');
	int length = slash ? (int)(slash - self) : 0;
	int fd, high;

	if (snprintf(path, sizeof(path), "%.*s/%s", length, self, name) >=
	    (int)sizeof(path))
		return -1;
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		return -1;
	high = fcntl(fd, F_DUPFD_CLOEXEC, OWN_FD);
	close(fd);
	return high;
}

static int enter_namespace(const char *self)
{
	int fd = open_beside(self, "ns", O_RDONLY);

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (setns(fd, CLONE_NEWNS) < 0)
		return -1;
	return close(fd);
}

static int listen_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SOCKET_PATH };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int high = fcntl(fd, F_DUPFD_CLOEXEC, OWN_FD);

	close(fd);
	(void)unlink(SOCKET_PATH); /* of the crash before */
	if (bind(high, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(high, 1) < 0)
		return -1;
	return high;
}

/* As systemd starts a service with Accept=yes: the connection is descriptor 3. */
static void serve(int listening, char *program)
{
	char pid[16];
	char *const argv[] = { program, NULL };
	int fd = accept(listening, NULL, NULL);
	int null = open("/dev/null", O_RDWR);

	if (fd < 0 || null < 0)
		_exit(126);
	fd = fcntl(fd, F_DUPFD_CLOEXEC, OWN_FD);
	for (int i = 0; i < 3; i++) {
		if (dup2(null, i) < 0)
			_exit(126);
	}
	if (dup2(fd, SERVICE_FD) < 0 || snprintf(pid, sizeof(pid), "%d", getpid()) < 0 ||
	    setenv("LISTEN_PID", pid, 1) < 0 || setenv("LISTEN_FDS", "1", 1) < 0)
		_exit(126);
	execv(program, argv);
	_exit(127);
}

/* A handler that outlives the launcher is stopped with it. */
static pid_t start(void)
{
	pid_t pid = fork();

	if (pid == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		_exit(126);
	return pid;
}

static void wait_for_all(pid_t handler, pid_t service, struct used *used)
{
	struct rusage of_one;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, 0, &of_one)) > 0) {
		used->processes++;
		used->cpu +=
			microseconds(of_one.ru_utime) + microseconds(of_one.ru_stime);
		if (of_one.ru_maxrss > used->rss)
			used->rss = of_one.ru_maxrss;
		if (WIFSIGNALED(status))
			status = 128 + WTERMSIG(status);
		else
			status = WEXITSTATUS(status);
		if (status && !used->status)
			used->status = status;
		/* It waits for a connection that does not come. */
		if (status && pid == handler && service > 0)
			kill(service, SIGKILL);
	}
}

int main(int argc, char **argv)
{
	struct used used = { 0 };
	uint64_t began = now();
	int serves = argc > 3 && strcmp(argv[2], "-s") == 0;
	char **handler = argv + 2 + serves;
	int report, listening = -1;
	pid_t pid, service = 0;

	if (argc < 3 + serves)
		return 2;
	(void)alarm(LIMIT); /* it ends the launcher, and that the handler */
	report = open_beside(argv[0], "report", O_WRONLY);
	if (report < 0 || enter_namespace(argv[0]) < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return 1;
	if (serves) {
		listening = listen_socket();
		if (listening < 0)
			return 1;
	}
	pid = start();
	if (pid == 0) {
		execv(handler[0], handler);
		_exit(127);
	}
	close(STDIN_FILENO);
	close(3); /* %F, or nothing */
	if (serves) {
		service = start();
		if (service == 0)
			serve(listening, handler[0]);
	}
	wait_for_all(pid, service, &used);
	dprintf(report,
		"{\"pid\": %ld, \"start\": %llu, \"end\": %llu, \"cpu\": %llu, \"rss\": %ld, "
		"\"processes\": %u, \"status\": %d}\n",
		strtol(argv[1], NULL, 10), (unsigned long long)began,
		(unsigned long long)now(), (unsigned long long)used.cpu, used.rss,
		used.processes, used.status);
	return 0;
}
