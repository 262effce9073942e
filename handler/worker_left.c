/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "handler/process_state.h"
#include "handler/runtime.h"
#include "handler/worker_left.h"

#define LEFT_FILE "left"
/* µs. Whoever keeps the file locked for longer than this is a stopped process. */
#define LOCK_WAIT 1000000

static int open_process(int64_t pid)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid); /* fits */
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* One that has ended and that nobody waited for keeps no memory; but its first thread may have ended alone. */
static bool is_there(const struct worker_left *left)
{
	_cleanup_fd_ int dirfd = left->pid > 0 ? open_process(left->pid) : -1;

	return dirfd >= 0 && process_state_started(dirfd) == left->started &&
	       (!process_state_is((pid_t)left->pid, 'Z') ||
		process_state_any((pid_t)left->pid, 'D'));
}

/* Return: how many places the file has. */
static size_t load(int fd, struct worker_left places[WORKER_LEFT_MAX])
{
	const size_t size = sizeof(*places) * WORKER_LEFT_MAX;
	ssize_t n = fd < 0 ? -1 : io_pread_full(fd, places, size, 0);

	return n < 0 ? 0 : (size_t)n / sizeof(*places);
}

size_t worker_left_list(int runtime_fd, struct worker_left ret[WORKER_LEFT_MAX])
{
	_cleanup_fd_ int fd = openat(runtime_fd, LEFT_FILE,
				     O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	size_t n = load(fd, ret), count = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_there(&ret[i]))
			ret[count++] = ret[i];
	}
	return count;
}

unsigned int worker_left_count(int runtime_fd, int64_t key)
{
	struct worker_left list[WORKER_LEFT_MAX];
	size_t n = worker_left_list(runtime_fd, list);
	unsigned int count = 0;

	if (n == WORKER_LEFT_MAX)
		return WORKER_LEFT_MAX;
	for (size_t i = 0; i < n; i++)
		count += list[i].key == key;
	return count;
}

static void fill(int64_t key, pid_t worker, int64_t crashed, const char *exe,
		 struct worker_left *ret)
{
	_cleanup_fd_ int dirfd = open_process(worker);
	size_t n = exe ? strlen(exe) : 0;

	*ret = (struct worker_left){
		.key = key,
		.pid = worker,
		.started = dirfd < 0 ? -1 : process_state_started(dirfd),
		.crashed = crashed,
		.since = clock_usec(CLOCK_BOOTTIME),
	};
	if (n >= WORKER_LEFT_EXE) {
		exe += n - (WORKER_LEFT_EXE - 1);
		n = WORKER_LEFT_EXE - 1;
	}
	if (n > 0)
		memcpy(ret->exe, exe, n);
}

int worker_left_note(int runtime_fd, int64_t key, pid_t worker, int64_t crashed,
		     const char *exe)
{
	_cleanup_fd_ int fd = runtime_file(runtime_fd, LEFT_FILE);
	struct worker_left places[WORKER_LEFT_MAX], left;
	int r = fd < 0 ? fd : lock_within(fd, LOCK_WAIT);
	size_t n, i = 0;

	if (r < 0)
		return r;
	fill(key, worker, crashed, exe, &left);
	n = load(fd, places);
	while (i < n && is_there(&places[i]))
		i++;
	if (i == WORKER_LEFT_MAX)
		return -ENOSPC;
	return io_pwrite_full(fd, &left, sizeof(left), (uint64_t)(i * sizeof(left)));
}
