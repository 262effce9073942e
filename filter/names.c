/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "filter/hints_table.h"
#include "filter/names.h"

/*
 * More mappings than this have names that nobody asked for by configuration. Tables of hints are
 * named all the same: they may name secrets.
 */
#define NAMES_MAX 65536

/* Hexadecimal digits at *at, which moves behind them. Return: false if there is none. */
static bool hex(struct bytes line, size_t *at, uint64_t *ret)
{
	size_t first = *at;
	uint64_t value = 0;

	for (; *at < line.n && *at - first < 16; (*at)++) {
		uint8_t c = line.p[*at];

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else
			break;
	}
	*ret = value;
	return *at > first;
}

/* Behind `count` more words and the blanks after each. */
static void skip_words(struct bytes line, size_t *at, int count)
{
	for (; count > 0; count--) {
		while (*at < line.n && line.p[*at] != ' ')
			(*at)++;
		while (*at < line.n && line.p[*at] == ' ')
			(*at)++;
	}
}

/*
 * 7f1c2a400000-7f1c2a428000 r--p 00000000 fd:01 1835      /usr/lib/x86_64-linux-gnu/libc.so.6
 * 55d1298f2000-55d129913000 rw-p 00000000 00:00 0         [heap]
 */
static bool read_line(struct bytes line, struct named *ret)
{
	size_t at = 0;

	if (!hex(line, &at, &ret->start) || at >= line.n || line.p[at++] != '-' ||
	    !hex(line, &at, &ret->end) || ret->start >= ret->end)
		return false;
	skip_words(line, &at, 2);
	if (!hex(line, &at, &ret->offset))
		return false;
	skip_words(line, &at, 3);
	ret->name = bytes_part(line, at, line.n - at);
	return ret->name.n > 0;
}

static int add(struct names *names, size_t *capacity, const struct named *named)
{
	if (names->count == *capacity) {
		size_t bigger = *capacity ? *capacity * 2 : 64;
		struct named *p = reallocarray(names->named, bigger, sizeof(*p));

		if (!p)
			return -ENOMEM;
		names->named = p;
		*capacity = bigger;
	}
	names->named[names->count++] = *named;
	return 0;
}

int names_read(struct bytes text, struct names *ret)
{
	size_t capacity = 0, at = 0;
	int r = 0;

	*ret = (struct names){ NULL, 0, false };
	while (r == 0 && at < text.n) {
		const uint8_t *end = memchr(text.p + at, '\n', text.n - at);
		size_t n = end ? (size_t)(end - (text.p + at)) : text.n - at;
		struct named named;

		if (read_line((struct bytes){ text.p + at, n }, &named) &&
		    (ret->count < NAMES_MAX || table_is_named(named.name)))
			r = add(ret, &capacity, &named);
		at += n + 1;
	}
	if (r < 0)
		names_done(ret);
	return r;
}

void names_done(struct names *names)
{
	free(names->named);
	*names = (struct names){ NULL, 0, false };
}

struct bytes names_at(const struct names *names, uint64_t address)
{
	size_t low = 0, high = names ? names->count : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address >= names->named[middle].end)
			low = middle + 1;
		else
			high = middle;
	}
	if (names && low < names->count && address >= names->named[low].start)
		return names->named[low].name;
	return (struct bytes){ NULL, 0 };
}
