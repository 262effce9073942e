/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "store/dump_output.h"

#define PAGE DUMP_OUTPUT_PAGE

/* Zeros that a sink gets at once: it shows progress, and it can be interrupted. */
#define ZEROS_MAX (1u << 20)

static bool is_zero(const uint8_t *p)
{
	return p[0] == 0 && memcmp(p, p + 1, PAGE - 1) == 0;
}

/* Bytes from `start` of the core to its next page. */
static size_t to_page(uint64_t start)
{
	return (size_t)(-start % PAGE);
}

void dump_output_scan(const uint8_t *p, size_t n, uint64_t start, uint8_t *zero)
{
	size_t at = to_page(start);

	for (; at < n && n - at >= PAGE; at += PAGE)
		*zero++ = is_zero(p + at);
}

static int hand_out(struct dump_output *output, const uint8_t *p, size_t n)
{
	return output->sink(output->context, p, n);
}

/* Up to n bytes, or zeros without p, into the page that is not whole. */
static int fill_page(struct dump_output *output, const uint8_t *p, size_t n)
{
	size_t have = (size_t)(output->done % PAGE);

	if (p)
		memcpy(output->page + have, p, n);
	else
		memset(output->page + have, 0, n);
	output->done += n;
	if (have + n < PAGE)
		return 0;
	return hand_out(output, is_zero(output->page) ? NULL : output->page, PAGE);
}

/* Whole pages, as few calls as their kinds allow. */
static int whole_pages(struct dump_output *output, const uint8_t *p, size_t pages,
		       const uint8_t *zero)
{
	size_t first = 0;

	while (first < pages) {
		size_t end = first + 1;
		int r;

		while (end < pages && !zero[end] == !zero[first])
			end++;
		r = hand_out(output, zero[first] ? NULL : p + first * PAGE,
			     (end - first) * PAGE);
		if (r < 0)
			return r;
		output->done += (end - first) * PAGE;
		first = end;
	}
	return 0;
}

int dump_output_bytes(struct dump_output *output, const uint8_t *p, size_t n,
		      const uint8_t *zero)
{
	size_t head = to_page(output->done), pages;
	int r = 0;

	if (head > n)
		head = n;
	pages = (n - head) / PAGE;
	if (head > 0)
		r = fill_page(output, p, head);
	if (r == 0)
		r = whole_pages(output, p + head, pages, zero);
	head += pages * PAGE;
	return r == 0 && head < n ? fill_page(output, p + head, n - head) : r;
}

int dump_output_zeros(struct dump_output *output, uint64_t n)
{
	int r = 0;

	while (n > 0 && r == 0) {
		size_t part = to_page(output->done);

		if (part == 0 && n >= PAGE) {
			part = n < ZEROS_MAX ? (size_t)(n - n % PAGE) : ZEROS_MAX;
			r = hand_out(output, NULL, part);
			output->done += part;
		} else {
			if (part == 0 || part > n)
				part = (size_t)n;
			r = fill_page(output, NULL, part);
		}
		n -= part;
	}
	return r;
}

int dump_output_end(struct dump_output *output)
{
	size_t n = (size_t)(output->done % PAGE);

	return n > 0 ? hand_out(output, output->page, n) : 0;
}
