/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/io.h"
#include "tests/bench/pack_content.h"

/* proc_pid_maps(5) */
#define MAPS_LINE "%" SCNx64 "-%" SCNx64 " r%c"

static uint64_t random64(void)
{
	static uint64_t seed = 88172645463325252;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void fill_random(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i += 8) {
		uint64_t word = random64();

		memcpy(p + i, &word, 8);
	}
}

/* Records of a class, the next one, one nearby, a length, flags and a count. */
static void fill_pointers(uint8_t *p, size_t n)
{
	uint64_t base = 0x7f3a5c000000, r;

	for (size_t i = 0; i + 48 <= n; i += 48) {
		r = random64();
		memcpy(p + i,
		       (uint64_t[]){ base - (r % 32 << 12), base + i + 48,
				     base + i + (r >> 8 & 0xffff0), r >> 32 & 0x7ff,
				     (r >> 48 & 3) << 32 | 1, r >> 56 },
		       48);
	}
}

static void fill_text(uint8_t *p, size_t n)
{
	static const char *const words[] = {
		"request", "from", "the",   "connection",  "error",  "session",
		"timeout", "user", "GET",   "/index.html", "status", "handled",
		"worker",  "by",   "queue", "https://",	   "SELECT", "warning",
	};
	char line[64];

	for (size_t at = 0; at < n;) {
		uint64_t r = random64();
		int length = snprintf(
			line, sizeof(line), "%s %s %u%c", words[r % ARRAY_SIZE(words)],
			words[(r >> 8) % ARRAY_SIZE(words)],
			(unsigned int)(r >> 24) % 10000, r >> 62 ? ' ' : '\n');
		size_t part = (size_t)length < n - at ? (size_t)length : n - at;

		memcpy(p + at, line, part);
		at += part;
	}
}

static void fill_zeros(uint8_t *p, size_t n)
{
	memset(p, 0, n);
}

const struct pack_content pack_contents[PACK_CONTENTS] = {
	{ "zeros, known as a hole", NULL },
	{ "zeros, as bytes", fill_zeros },
	{ "text", fill_text },
	{ "pointers, small integers", fill_pointers },
	{ "random", fill_random },
};

/* A heap as an interpreter makes it: objects, tables, text, code; some 110 MB. */
static const char python[] =
	"import sys, json, decimal, email.message, http.client, unittest, asyncio\n"
	"a = {'user-%d' % i: [i, i / 7, {'id': i, 'mail': 'u%d@example.org' % i}]\n"
	"     for i in range(80000)}\n"
	"b = json.dumps(a)\n"
	"c = json.loads(b)\n"
	"sys.stdout.write('.'); sys.stdout.flush(); sys.stdin.read()\n";

static pid_t start_python(int end)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (dup2(end, STDIN_FILENO) >= 0 && dup2(end, STDOUT_FILENO) >= 0)
		(void)execlp("python3", "python3", "-c", python, NULL);
	_exit(127);
}

/* All that it may write. Return: bytes or negative errno. */
static ssize_t read_memory(pid_t pid, uint8_t *bytes, size_t max)
{
	char path[32], line[512], writable;
	uint64_t from, to, n = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid); /* fits */
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	_cleanup_file_ FILE *maps = fopen(path, "re");

	if (fd < 0 || !maps)
		return -errno;
	while (fgets(line, sizeof(line), maps)) {
		ssize_t got;

		if (sscanf(line, MAPS_LINE, &from, &to, &writable) < 3 ||
		    writable != 'w' || to - from > max - n)
			continue;
		got = io_pread_full(fd, bytes + n, to - from, from);
		if (got < 0)
			return got;
		n += (uint64_t)got;
	}
	return n > 0 ? (ssize_t)n : -ENODATA;
}

ssize_t pack_content_python(uint8_t *bytes, size_t max)
{
	int ends[2];
	char ready;
	ssize_t n = -ESRCH;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	pid = start_python(ends[1]);
	(void)close(ends[1]);
	if (pid > 0 && io_read_full(ends[0], &ready, 1) == 1)
		n = read_memory(pid, bytes, max);
	(void)close(ends[0]); /* the end of its input is its end */
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	return n;
}
