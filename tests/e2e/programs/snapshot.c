/* SPDX-License-Identifier: MIT */
/*
 * For core_pattern, in place of a handler:
 *
 *   snapshot DIR WHAT TEST PID COMMAND ARGUMENT...
 *
 * does nothing unless process PID comes from process TEST: others crash on this machine, too. It keeps the
 * memory that PID has while the kernel holds it, then starts COMMAND on the kernel's
 * own pipe, of which not a byte is taken, and has nothing of the process itself: it is let go when
 * COMMAND lets it go. WHAT is "pages", "core", both, "pages,core", or "none":
 *
 *   DIR/pages        every page that is present: address and length, 8 bytes each, then the bytes
 *   DIR/maps         /proc/PID/maps
 *   DIR/kernel.core  what the kernel's core would be (snapshot_core.h)
 *
 * DIR/pid is PID, and DIR/rc the exit code of COMMAND, or what the shell makes of its signal, once it has ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "held_memory.h"
#include "snapshot_core.h"

static int open_new(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

static int write_page(void *to, uint64_t address, const void *bytes, size_t n)
{
	uint64_t head[2] = { address, n };
	struct iovec parts[] = { { head, sizeof(head) }, { (void *)bytes, n } };
	ssize_t w = writev(*(int *)to, parts, 2);

	return w < 0 ? -errno : (size_t)w < n + sizeof(head) ? -ENOSPC : 0;
}

static int write_pages(const struct held_memory *held)
{
	int fd = open_new("pages");
	int r = fd < 0 ? fd : 0;

	for (size_t i = 0; r == 0 && i < held->count; i++) {
		const struct held_mapping *mapping = &held->mappings[i];

		r = held_walk(held, mapping, mapping->start, mapping->end,
			      mapping->nameless, write_page, &fd);
	}
	if (fd >= 0)
		(void)close(fd);
	return r;
}

static int write_maps(pid_t pid)
{
	char path[64], bytes[65536];
	int from, to = open_new("maps");
	ssize_t n = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	from = open(path, O_RDONLY | O_CLOEXEC);
	while (from >= 0 && to >= 0 && (n = read(from, bytes, sizeof(bytes))) > 0) {
		if (write(to, bytes, (size_t)n) != n)
			break;
	}
	if (from >= 0)
		(void)close(from);
	if (to >= 0)
		(void)close(to);
	return from >= 0 && to >= 0 && n == 0 ? 0 : -EIO;
}

static int snapshot(const char *what, pid_t pid)
{
	struct held_memory held;
	int r = held_open(pid, &held);

	if (r < 0)
		return r;
	if (strstr(what, "pages"))
		r = write_pages(&held);
	if (r == 0 && strstr(what, "pages"))
		r = write_maps(pid);
	if (r == 0 && strstr(what, "core"))
		r = snapshot_core(&held, STDIN_FILENO, "kernel.core");
	held_close(&held);
	return r;
}

/* What the kernel gave is COMMAND's alone: the pipe, the pidfd. */
static void let_go(void)
{
	(void)close_range(3, ~0u, 0);
	(void)close(STDIN_FILENO);
}

static int write_number(const char *name, int number)
{
	FILE *out = fopen("new", "we");

	if (!out)
		return 1;
	(void)fprintf(out, "%d\n", number);
	return fclose(out) == 0 && rename("new", name) == 0 ? 0 : 1;
}

static int tell_end(pid_t child)
{
	int status;

	let_go();
	if (waitpid(child, &status, 0) != child)
		return 1;
	return write_number("rc", WIFEXITED(status) ? WEXITSTATUS(status)
						    : 128 + WTERMSIG(status));
}

static pid_t parent_of(pid_t pid)
{
	char path[64], line[256];
	int parent = 0;
	FILE *status;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status)) {
		if (sscanf(line, "PPid: %d", &parent) == 1)
			break;
	}
	if (status)
		(void)fclose(status);
	return parent;
}

static bool comes_from(pid_t pid, pid_t test)
{
	while (pid > 1 && pid != test)
		pid = parent_of(pid);
	return pid == test;
}

int main(int argc, char **argv)
{
	pid_t child, pid;
	int r;

	if (argc < 6 || chdir(argv[1]) < 0)
		return 2;
	pid = (pid_t)atoi(argv[4]);
	if (!comes_from(pid, (pid_t)atoi(argv[3])))
		return 0;
	(void)write_number("pid", pid); /* whoever needs it notices */
	r = snapshot(argv[2], pid);
	/* No test takes half a snapshot for a whole one. */
	if (r < 0) {
		(void)fprintf(stderr, "no snapshot: %s\n", strerror(-r));
		(void)unlink("pages");
		(void)unlink("kernel.core");
	}
	child = fork();
	if (child == 0) {
		if (chdir("/") == 0)
			(void)execv(argv[5], argv + 5);
		_exit(127);
	}
	return child < 0 ? 1 : tell_end(child);
}
