/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <jansson.h>

#include "tests/fuzz/told.h"
#include "tests/unit/table.h"

/* Both are variables in glibc. */
void told_begin(struct told *told)
{
	told->text = NULL;
	told->n = 0;
	told->out = stdout;
	told->err = stderr;
	told->stream = open_memstream(&told->text, &told->n);
	assert_non_null(told->stream);
	stdout = stderr = told->stream;
}

static void restore(struct told *told)
{
	stdout = told->out;
	stderr = told->err;
	assert_int_equal(fclose(told->stream), 0);
	assert_non_null(told->text);
}

/* What does something to a terminal, or to the order of what is shown. */
static bool is_control(uint32_t c)
{
	return c < ' ' || (c >= 0x7f && c <= 0x9f) || c == 0x61c || c == 0x200e ||
	       c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* One character of UTF-8 in its shortest form. Return: its bytes, 0: it is none. */
static size_t decode(const uint8_t *p, size_t n, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t size = p[0] < 0x80   ? 1
		      : p[0] < 0xc0 ? 0
		      : p[0] < 0xe0 ? 2
		      : p[0] < 0xf0 ? 3
		      : p[0] < 0xf8 ? 4
				    : 0;

	if (size == 0 || size > n)
		return 0;
	*ret = size == 1 ? p[0] : p[0] & (0x7fu >> size);
	for (size_t i = 1; i < size; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*ret = *ret << 6 | (p[i] & 0x3f);
	}
	return *ret < least[size] || *ret > 0x10ffff || (*ret & ~0x7ffu) == 0xd800 ? 0
										   : size;
}

static void check_lines(const struct told *told)
{
	const uint8_t *p = (const uint8_t *)told->text;

	for (size_t at = 0; at < told->n;) {
		uint32_t c = 0;
		size_t size = decode(p + at, told->n - at, &c);

		if (size == 0 || (c != '\n' && is_control(c))) {
			fprintf(stderr, "fuzz: byte %zu is no text: %s\n", at,
				told->text);
			abort();
		}
		at += size;
	}
}

void told_end(struct told *told)
{
	restore(told);
	check_lines(told);
	free(told->text);
}

void told_end_json(struct told *told)
{
	json_t *json;

	restore(told);
	check_lines(told);
	json = told->n ? json_loadb(told->text, told->n, JSON_REJECT_DUPLICATES, NULL)
		       : json_null();
	if (!json) {
		fprintf(stderr, "fuzz: this is no JSON: %s\n", told->text);
		abort();
	}
	json_decref(json);
	free(told->text);
}
