/* SPDX-License-Identifier: MIT */
/*
 * A secret under a good hint, memory that is not to be dumped, and a table of hints that is wrong.
 *
 *	bad_tables HOW		reads two secrets from standard input
 */
#define _GNU_SOURCE
#define DUMPD_HINTS_CAPACITY 4096

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <dumpd-hints.h>

#define SECRET 48
#define PAGE   4096
#define SIZE   (64 * PAGE)

static int table_fd = -1;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void say(struct dumpd_hint hint)
{
	if (dumpd_hints_add(hint) <= 0)
		fail("a hint");
}

static char *map(size_t n, int flags, int fd)
{
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		fail("mmap");
	return p;
}

static void fill(char *p)
{
	if (read(STDIN_FILENO, p, SECRET) != SECRET)
		fail("standard input");
}

static char *new_table(uint32_t capacity, uint16_t version, uint16_t entry_size)
{
	struct dumpd_hints_table *table;

	table_fd = memfd_create(DUMPD_HINTS_NAME, 0);
	if (table_fd < 0 || ftruncate(table_fd, SIZE) != 0)
		fail("memfd");
	table = (void *)map(SIZE, MAP_PRIVATE, table_fd);
	*table = (struct dumpd_hints_table){
		DUMPD_HINTS_MAGIC, version, entry_size, capacity, 64, 0, { 0 }
	};
	return (char *)table;
}

static void set(char *table, size_t i, unsigned char state, unsigned char kind,
		uint64_t address, uint64_t length)
{
	struct dumpd_hint *entry = (struct dumpd_hint *)(table + 64) + i;

	*entry = (struct dumpd_hint){
		.state = state, .kind = kind, .address = address, .length = length
	};
}

static void version(void)
{
	new_table(16, 2, 64);
}

static void entry_size(void)
{
	new_table(16, 1, 0);
}

static void magic(void)
{
	new_table(16, 1, 64)[0] = 'd';
}

static void state(void)
{
	set(new_table(16, 1, 64), 3, 7, DUMPD_HINT_SECRET, 4096, 4096);
}

static void kind(void)
{
	set(new_table(16, 1, 64), 3, DUMPD_HINTS_SET, 9, 4096, 4096);
}

static void no_first_page(void)
{
	munmap(new_table(16, 1, 64), PAGE);
}

static void truncated(void)
{
	char *table = map(SIZE, MAP_SHARED, (new_table(16, 1, 64), table_fd));

	memcpy(table, "DHNT", 4);
	if (ftruncate(table_fd, 0) != 0)
		fail("ftruncate");
}

static void many(void)
{
	for (int i = 0; i < 17; i++)
		new_table(16, 1, 64);
}

static void endless(void)
{
	for (int i = 0; i < 16; i++)
		new_table(UINT32_MAX, 1, 8 * (unsigned)(8 + i % 2));
	set(new_table(UINT32_MAX, 1, 64), 0, DUMPD_HINTS_SET, DUMPD_HINT_SECRET, 4096, 1);
}

/* These are understood. */
static void all_kept(void)
{
	say(dumpd_keep(NULL, SIZE_MAX, 0, "all"));
	for (uintptr_t i = 0; i < 4000; i++)
		say(dumpd_keep((void *)(i << 35), SIZE_MAX >> 1, 0, "all"));
}

static void all_secret(void)
{
	say(dumpd_secret((void *)1, SIZE_MAX, "all"));
}

static void itself(void)
{
	char *table = new_table(SIZE, 1, 64); /* more than there is room for */

	set(table, 1, DUMPD_HINTS_SET, DUMPD_HINT_SECRET, (uintptr_t)table, SIZE);
	set(table, 2, DUMPD_HINTS_SET, DUMPD_HINT_KEEP_POINTEE,
	    (uintptr_t)table + 64 * 3 + 8, SIZE);
	set(table, 3, DUMPD_HINTS_SET, DUMPD_HINT_TEXT, (uintptr_t)table, 1024);
	set(table, 4, DUMPD_HINTS_SET, DUMPD_HINT_DROP, 0, UINT64_MAX);
}

static void nothing(void)
{
}

static const struct {
	const char *name;
	void (*make)(void);
} ways[] = {
	{ "version", version },
	{ "entry_size", entry_size },
	{ "magic", magic },
	{ "state", state },
	{ "kind", kind },
	{ "no_first_page", no_first_page },
	{ "truncated", truncated },
	{ "many", many },
	{ "endless", endless },
	{ "all_kept", all_kept },
	{ "all_secret", all_secret },
	{ "itself", itself },
	{ "nothing", nothing },
};

/* What other hints say of memory that is not to be dumped. */
static void left_out(void)
{
	static char *pointer;

	pointer = map(2 * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	fill(pointer + 16);
	if (madvise(pointer, 2 * PAGE, MADV_DONTDUMP) != 0)
		fail("madvise");
	say(dumpd_keep(pointer, PAGE, 0, "keep"));
	say(dumpd_keep_pointee(&pointer, PAGE, 0, "pointee"));
	say(dumpd_text(pointer + 16, SECRET, "text"));
}

int main(int argc, char **argv)
{
	char *secret = map(64 * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	say(dumpd_secret(secret + 3, SECRET, "secret"));
	fill(secret + 3);
	left_out();
	for (size_t i = 0; argc == 2 && i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(argv[1], ways[i].name) == 0) {
			ways[i].make();
			*(volatile int *)8 = 1;
		}
	}
	return 2;
}
