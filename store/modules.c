/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "store/modules.h"

/* "18446744073709551615 more" and its line break. */
#define MORE_SIZE 32

static const struct {
	const char *word, *why;
} reasons[] = {
	{ MODULE_NONE, "its memory has no such note" },
	{ MODULE_UNREAD, "its headers or notes are not in memory, or could not be read" },
	{ MODULE_BAD_SIZE, "its note has a size that cannot be" },
	{ MODULE_BAD_PLACE, "its note is outside of its memory" },
	{ MODULE_TWO, "its notes have two that differ" },
};

static bool is_hex(const char *text, size_t n)
{
	return n > 0 && strspn(text, "0123456789abcdef") >= n;
}

/* The first word of a line. Return: false if it is neither digits nor one of ours. */
static bool take_build_id(const char *text, size_t n, struct module_line *ret)
{
	ret->build_id[0] = '\0';
	ret->why = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (strlen(reasons[i].word) == n &&
		    strncmp(reasons[i].word, text, n) == 0) {
			ret->why = reasons[i].why;
			return true;
		}
	}
	if (n % 2 || n >= MODULE_BUILD_ID_SIZE || !is_hex(text, n))
		return false;
	memcpy(ret->build_id, text, n);
	ret->build_id[n] = '\0';
	return true;
}

static bool take_line(const char *line, size_t n, struct module_line *ret)
{
	size_t first = strcspn(line, " \n"), second;
	const char *start = line + first + 1;

	if (first >= n || !take_build_id(line, first, ret))
		return false;
	second = strcspn(start, " \n");
	if (second > 16 || !is_hex(start, second) || first + 1 + second + 1 >= n)
		return false;
	ret->start = 0;
	for (size_t i = 0; i < second; i++)
		ret->start = ret->start << 4 |
			     (uint64_t)(start[i] <= '9' ? start[i] - '0'
							: start[i] - 'a' + 10);
	ret->path = start + second + 1;
	ret->n = n - (first + 1 + second + 1);
	return true;
}

bool modules_next(const char **text, struct module_line *ret)
{
	while (**text) {
		const char *line = *text;
		size_t n = strcspn(line, "\n");

		*text += n + (line[n] == '\n');
		if (take_line(line, n, ret))
			return true;
	}
	return false;
}

static bool is_more(const char *line, size_t n, uint64_t *ret)
{
	static const char tail[] = " " MODULE_MORE;
	char number[24];
	size_t digits = strspn(line, "0123456789");

	if (digits == 0 || digits >= sizeof(number) || n != digits + sizeof(tail) - 1 ||
	    memcmp(line + digits, tail, sizeof(tail) - 1) != 0)
		return false;
	memcpy(number, line, digits);
	number[digits] = '\0';
	return number_u64(number, UINT64_MAX, ret) == 0;
}

uint64_t modules_more(const char *text)
{
	uint64_t more;

	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");

		if (is_more(line, n, &more))
			return more;
		line += n + (line[n] == '\n');
	}
	return 0;
}

/* Lines as far as there is room for all of them, into `to`. Return: bytes; *ret_more counts the rest. */
static size_t take_lines(const char *text, size_t room, char *to, uint64_t *ret_more)
{
	size_t used = 0;
	uint64_t number;

	*ret_more = 0;
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");

		if (is_more(line, n, &number)) {
			*ret_more += number;
		} else if (*ret_more == 0 && n + 1 <= room - used) {
			memcpy(to + used, line, n);
			used += n;
			to[used++] = '\n';
		} else {
			++*ret_more;
		}
		line += n + (line[n] == '\n');
	}
	return used;
}

char *modules_shorten(const char *text, size_t size)
{
	char *copy = malloc(size + MORE_SIZE + 1);
	uint64_t more;
	size_t used;

	if (!copy)
		return NULL;
	used = take_lines(text, size, copy, &more);
	if (more)
		used += (size_t)snprintf(copy + used, MORE_SIZE,
					 "%" PRIu64 " " MODULE_MORE, more);
	else if (used)
		used--;
	copy[used] = '\0';
	return copy;
}
