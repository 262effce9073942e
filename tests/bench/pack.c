/* SPDX-License-Identifier: MIT */
/*
 * How fast memory becomes frames, with nothing to read it from and no disk: what handler/pack.h does
 * with contents of several kinds, into a file in memory. `make bench` runs it; no test does.
 *
 *   bench-pack [CORE...]   of each at most the first 256 MiB; without any, the memory of a python3
 *
 * A core's figure is bytes by processor time of all threads. The one copy into the packer's buffers is
 * part of it: a handler has it too, as the kernel's, out of the process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "base/io.h"
#include "handler/pack.h"
#include "handler/pack_queue.h"
#include "handler/pool.h"
#include "handler/spool.h"
#include "tests/bench/pack_content.h"

#define SECONDS_MIN 0.3
#define MADE_SIZE   (64u << 20) /* more than caches hold, 32 frames */
#define HOLE_SIZE   (64ull << 30)
#define REAL_MAX    (256u << 20)
#define SPOOL	    (16ull * SPOOL_BUFFER) /* what is left of it when nobody is held */
#define LEVEL_FAST  1

static const int levels[] = { LEVEL_FAST, 3 };

struct content {
	const char *name;
	const uint8_t *bytes; /* NULL: a hole */
	uint64_t n;
};

struct figures {
	double bytes, cpu, wall; /* seconds */
	double size; /* of the file, by that of the memory */
};

static double seconds(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t); /* there is no system without these */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void work(void *pack, unsigned int thread)
{
	struct packer packer = { .frame = pack_frame_open() };

	(void)thread;
	if (packer.frame)
		pack_work(pack, &packer);
	pack_frame_close(packer.frame);
}

static int hand_in(struct pack *pack, const struct content *content)
{
	static const uint8_t header[4096];
	int r = pack_header(pack, header, sizeof(header));

	if (r == 0 && content->bytes)
		r = pack_memory(pack, content->bytes, content->n);
	else if (r == 0)
		r = pack_zeros(pack, content->n);
	return r < 0 ? r : pack_flush(pack);
}

/* One file, as the handler makes it: this thread hands in, and helps. */
static int round_of(const struct content *content, int level, int fd)
{
	_cleanup_pack_ struct pack *pack = NULL;
	struct pool pool;
	int r = ftruncate(fd, 0) < 0 ? -errno : pack_open(fd, level, SPOOL, &pack);

	if (r < 0)
		return r;
	/* while a process is held, who waits for room gets the fast level, whatever is configured */
	if (level != LEVEL_FAST)
		pack_release(pack);
	pool_open(pool_processors() - 1, NULL, &pool);
	pool_go(&pool, work, pack);
	r = hand_in(pack, content);
	pack_end(pack);
	pool_close(&pool);
	return r < 0 ? r : pack_finish(pack);
}

static int measure(const struct content *content, int level, struct figures *ret)
{
	_cleanup_fd_ int fd = memfd_create("bench-pack", MFD_CLOEXEC);
	double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
	struct figures figures = { 0 };
	struct stat st;
	int r;

	while (figures.wall < SECONDS_MIN) {
		r = round_of(content, level, fd);
		if (r < 0)
			return r;
		figures.bytes += (double)content->n;
		figures.wall = seconds(CLOCK_MONOTONIC) - wall;
	}
	figures.cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	if (fstat(fd, &st) < 0)
		return -errno;
	figures.size = (double)(st.st_size - FRAME_RECORD_SIZE) / (double)content->n;
	*ret = figures;
	return 0;
}

static int print_rows(const struct content *content)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		struct figures f;
		int r = measure(content, levels[i], &f);

		if (r < 0) {
			fprintf(stderr, "pack: %s: %s\n", content->name, strerror(-r));
			return r;
		}
		printf("pack: %-28.28s %5d %12.2f %12.2f %8.2f %%\n", content->name,
		       levels[i], f.bytes / f.cpu / 1e9, f.bytes / f.wall / 1e9,
		       f.size * 100);
		(void)fflush(stdout); /* for who watches */
	}
	return 0;
}

static int print_made(uint8_t *bytes)
{
	int r = 0;

	for (size_t i = 0; i < PACK_CONTENTS && r == 0; i++) {
		struct content content = { pack_contents[i].name, NULL, HOLE_SIZE };

		if (pack_contents[i].fill) {
			pack_contents[i].fill(bytes, MADE_SIZE);
			content.bytes = bytes;
			content.n = MADE_SIZE;
		}
		r = print_rows(&content);
	}
	return r;
}

static int print_core(const char *path, uint8_t *bytes)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *slash = strrchr(path, '/');
	ssize_t n = fd < 0 ? -errno : io_read_full(fd, bytes, REAL_MAX);

	if (n > 0)
		return print_rows(
			&(struct content){ slash ? slash + 1 : path, bytes, (size_t)n });
	fprintf(stderr, "pack: %s: %s\n", path, n < 0 ? strerror((int)-n) : "is empty");
	return n < 0 ? (int)n : -ENODATA;
}

static int print_python(uint8_t *bytes)
{
	ssize_t n = pack_content_python(bytes, REAL_MAX);
	char name[48];

	(void)snprintf(name, sizeof(name), "memory of a python3, %zd MB", n / 1000000);
	if (n > 0)
		return print_rows(&(struct content){ name, bytes, (size_t)n });
	printf("pack: memory of a python3: not measured: %s\n", strerror((int)-n));
	return 0;
}

int main(int argc, char **argv)
{
	_cleanup_free_ uint8_t *bytes = malloc(REAL_MAX);
	int r;

	if (!bytes)
		return 1;
	printf("pack: %-28s level  GB/s a core  GB/s, all %u  size left\n", "content",
	       pool_processors());
	r = print_made(bytes);
	for (int i = 1; i < argc && r == 0; i++)
		r = print_core(argv[i], bytes);
	if (argc < 2 && r == 0)
		r = print_python(bytes);
	return r < 0;
}
