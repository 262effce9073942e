/* SPDX-License-Identifier: MIT */
/*
 * How well memory compresses decides what a handler that compresses looks like, so it is none of
 * the extremes: pages of pointers among lengths and flags as in linked structures, text, small
 * integers, zeros, and some bytes that nothing makes smaller. zstd -3 leaves some 40 % of it,
 * and bench.json has the figure of the run.
 *
 * Numbers are drawn once for a deck of 64 MiB, and memory is filled with copies of it: filling
 * takes the time that page faults take. No level that a handler uses looks back as far as 64
 * MiB (zstd's window at level 3 is 2 MiB, at 19 it is 8), so that copies are as good as new.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "content.h"

#define PAGE	 4096
#define DECK	 (64ull << 20)
#define RUN_MAX	 16 /* pages of one kind */
#define NEARBY	 (1ull << 20) /* what was allocated together is linked together */
#define CLASSES	 32
#define LINE_MAX 200

static const char *const words[] = {
	"request",    "from",	  "the",      "connection", "error",   "session",
	"timeout",    "in",	  "user",     "of",	    "GET",     "/index.html",
	"status",     "200",	  "handled",  "by",	    "worker",  "queue",
	"with",	      "bytes",	  "cache",    "miss",	    "for",     "key",
	"https://",   "example.", "org/",     "content",    "-type:",  "text/plain",
	"SELECT",     "FROM",	  "accounts", "WHERE",	    "id",      "=",
	"retry",      "after",	  "backend",  "refused",    "warning", "to",
	"configured", "loaded",	  "module",   "version",    "closed",  "null",
};

static uint64_t seed = 88172645463325252;

uint64_t content_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

char *layout_at(const struct layout *layout, uint64_t offset)
{
	return layout->base + offset / layout->run * layout->stride +
	       offset % layout->run;
}

static uint64_t deck_size(const struct layout *layout)
{
	return layout->touched < DECK ? layout->touched : DECK;
}

static uint64_t pointer(const struct layout *layout, uint64_t near)
{
	uint64_t to = near + content_random() % NEARBY;

	return (uintptr_t)layout_at(layout, to % deck_size(layout) & ~15ull);
}

/* Records of 48 bytes: class, next, previous, length, flags, what it is about. */
static void fill_pointers(const struct layout *layout, uint64_t at, char *page)
{
	uint64_t word[PAGE / 8] = { 0 };

	for (size_t i = 0; i + 6 <= PAGE / 8; i += 6) {
		uint64_t class = content_random() % CLASSES * PAGE;

		word[i] = (uintptr_t)layout_at(layout, class % deck_size(layout));
		word[i + 1] = (uintptr_t)layout_at(layout,
						   (at + i * 8 + 48) % deck_size(layout));
		word[i + 2] = pointer(layout, at);
		word[i + 3] = content_random() % 2000;
		word[i + 4] = (content_random() % 4 << 32) | 1;
		word[i + 5] = pointer(layout, at);
	}
	memcpy(page, word, PAGE);
}

static void fill_text(const struct layout *layout, uint64_t at, char *page)
{
	char line[LINE_MAX];
	size_t n = 0;

	(void)layout;
	(void)at;
	while (n < PAGE) {
		uint64_t r = content_random();
		const char *a = words[r % 48],
			   *b = words[(r >> 8) % 48 * ((r >> 16) % 48) / 48];
		int length = snprintf(line, sizeof(line), "%s %s %u%c", a, b,
				      (unsigned)(r >> 24) % 10000, r >> 62 ? ' ' : '\n');
		size_t part = (size_t)length < PAGE - n ? (size_t)length : PAGE - n;

		memcpy(page + n, line, part);
		n += part;
	}
}

static void fill_integers(const struct layout *layout, uint64_t at, char *page)
{
	uint32_t word[PAGE / 4];

	(void)layout;
	(void)at;
	for (size_t i = 0; i < PAGE / 4; i += 2) {
		uint64_t r = content_random();

		word[i] = r & 0xff;
		word[i + 1] = r >> 60 ? (uint32_t)i : (uint32_t)(r >> 8 & 0xffff);
	}
	memcpy(page, word, PAGE);
}

static void fill_zeros(const struct layout *layout, uint64_t at, char *page)
{
	(void)layout;
	(void)at;
	memset(page, 0, PAGE);
}

static void fill_random(const struct layout *layout, uint64_t at, char *page)
{
	uint64_t word[PAGE / 8];

	(void)layout;
	(void)at;
	for (size_t i = 0; i < PAGE / 8; i++)
		word[i] = content_random();
	memcpy(page, word, PAGE);
}

static const struct {
	unsigned percent;
	void (*fill)(const struct layout *layout, uint64_t at, char *page);
} kinds[] = {
	{ 35, fill_pointers }, { 20, fill_text },   { 20, fill_integers },
	{ 10, fill_zeros },    { 15, fill_random },
};

static size_t draw_kind(void)
{
	uint64_t r = content_random() % 100;
	size_t i = 0;

	while (r >= kinds[i].percent)
		r -= kinds[i++].percent;
	return i;
}

static void fill_deck(const struct layout *layout, char *deck, uint64_t size)
{
	uint64_t at = 0;

	while (at < size) {
		size_t kind = draw_kind();
		uint64_t pages = 1 + content_random() % RUN_MAX;

		for (; pages && at < size; pages--, at += PAGE)
			kinds[kind].fill(layout, at, deck + at);
	}
}

int content_fill(const struct layout *layout)
{
	uint64_t size = deck_size(layout);
	/* Not of malloc: it has to be gone when the process crashes. */
	char *deck = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (deck == MAP_FAILED)
		return -ENOMEM;
	fill_deck(layout, deck, size);
	for (uint64_t at = 0; at < layout->touched;) {
		uint64_t in_run = layout->run - at % layout->run;
		uint64_t in_deck = size - at % size;
		uint64_t n = in_run < in_deck ? in_run : in_deck;

		if (n > layout->touched - at)
			n = layout->touched - at;
		memcpy(layout_at(layout, at), deck + at % size, n);
		at += n;
	}
	return munmap(deck, size) == 0 ? 0 : -errno;
}
