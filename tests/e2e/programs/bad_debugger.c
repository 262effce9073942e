/* SPDX-License-Identifier: MIT */
/*
 * A debugger that a dump has taken over: bad_debugger VICTIM TERMINAL PORT STRAY ... -c CORE. VICTIM is the PID of a
 * process of root's, TERMINAL the path of the caller's terminal or "-", PORT one of 127.0.0.1 where somebody listens,
 * STRAY a file that gets the PID of a process which wants to outlive it, or "-". Prints a line for each try: its name,
 * and 0, or errno.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void tell(const char *name, long result)
{
	printf("%s %d\n", name, result < 0 ? errno : 0);
}

static void try_kill(pid_t victim)
{
	tell("kill", kill(victim, SIGTERM));
}

static void try_ptrace(pid_t victim)
{
	long r = ptrace(PTRACE_SEIZE, victim, NULL, NULL);

	tell("ptrace", r);
	if (r == 0)
		ptrace(PTRACE_DETACH, victim, NULL, NULL);
}

static void try_open(const char *name, const char *path, int flags)
{
	int fd = open(path, flags);

	tell(name, fd);
	if (fd >= 0)
		close(fd);
}

/* As if it were typed. */
static long type(int fd)
{
	static const char text[] = "evil\n";
	long r = 0;

	for (const char *p = text; *p && r == 0; p++)
		r = ioctl(fd, TIOCSTI, p);
	return r;
}

static void try_type(const char *terminal)
{
	int fd = open("/dev/tty", O_RDWR);

	/* where it is the debugger's own that gets nobody anything */
	tell("tiocsti-own", fd < 0 ? fd : type(fd));
	if (terminal[0] != '/')
		return;
	fd = open(terminal, O_RDWR);
	tell("tiocsti", fd < 0 ? fd : type(fd));
}

static void try_connect(const char *name, int port)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons((unsigned short)port),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	tell(name, fd < 0 ? fd : connect(fd, (const struct sockaddr *)&to, sizeof(to)));
}

static void try_sockets(void)
{
	int fds[2];
	char params[128] = { 0 };

	tell("socket-unix", socket(AF_UNIX, SOCK_DGRAM, 0));
	tell("socket-netlink", socket(AF_NETLINK, SOCK_RAW, 0));
	tell("pair-stream", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	tell("pair-datagram", socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds));
	tell("pair-raw", socketpair(AF_UNIX, SOCK_RAW, 0, fds));
	tell("io_uring", syscall(SYS_io_uring_setup, 1, params));
}

/* In another session, and no child of anybody's that is left. */
static void leave_stray(const char *path)
{
	struct stat st;
	FILE *out;

	if (path[0] != '/')
		return;
	if (fork() != 0) {
		while (stat(path, &st) < 0 || st.st_size == 0)
			usleep(10000);
		return;
	}
	setsid();
	if (fork() != 0)
		_exit(0);
	for (int fd = 0; fd < 64; fd++)
		close(fd);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	out = fopen(path, "w");
	if (out) {
		fprintf(out, "%d\n", getpid());
		fclose(out);
	}
	for (;;)
		pause();
}

static void tell_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	printf("descriptors");
	while (dir && (entry = readdir(dir))) {
		if (atoi(entry->d_name) != dirfd(dir) && entry->d_name[0] != '.')
			printf(" %s", entry->d_name);
	}
	puts("");
}

static void tell_core(const char *path)
{
	struct stat st;
	char magic[4] = { 0 };
	int fd = open(path, O_RDONLY);

	tell("core", fd);
	if (fd < 0 || fstat(fd, &st) < 0 || read(fd, magic, 4) != 4)
		return;
	printf("core-owner %d\ncore-links %d\ncore-mode %o\ncore-elf %d\n",
	       (int)st.st_uid, (int)st.st_nlink, st.st_mode & 07777,
	       memcmp(magic, "\177ELF", 4) == 0);
}

static void tell_self(void)
{
	gid_t groups[64];
	struct winsize size = { 0 };

	printf("ids %d %d %d\n", (int)getuid(), (int)geteuid(), (int)getgid());
	printf("groups %d\n", getgroups(64, groups));
	printf("no_new_privs %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	printf("bounding %d\n", prctl(PR_CAPBSET_READ, 21));
	printf("leads %d\n", getsid(0) == getpid());
	printf("terminals %d%d%d\n", isatty(0), isatty(1), isatty(2));
	if (ioctl(1, TIOCGWINSZ, &size) == 0)
		printf("window %d %d\n", size.ws_row, size.ws_col);
	tell_descriptors();
	for (char **p = environ; *p; p++)
		printf("environment %s\n", *p);
}

int main(int argc, char **argv)
{
	if (argc < 6)
		return 99;
	tell_self();
	tell_core(argv[argc - 1]);
	try_ptrace(atoi(argv[1]));
	try_kill(atoi(argv[1]));
	try_open("shadow", "/etc/shadow", O_RDONLY);
	try_open("memory", "/proc/1/mem", O_RDONLY);
	try_open("home", getenv("HOME") ? getenv("HOME") : "", O_TMPFILE | O_RDWR);
	try_connect("connect", atoi(argv[3]));
	try_sockets();
	try_type(argv[2]);
	leave_stray(argv[4]);
	fflush(stdout);
	return 7;
}
