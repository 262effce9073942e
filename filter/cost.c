/* SPDX-License-Identifier: MIT */
#include "filter/bytes.h"
#include "filter/cost.h"

/* Bits for a word of 8 bytes; fitted to zstd -3 on cores of C, C++ and Python programs. */
enum {
	BITS_ZERO = 1,
	BITS_REPEATED = 12,
	BITS_SMALL = 14,
	BITS_NEAR =
		24, /* the upper half was there before: a pointer to the neighbourhood */
	BITS_TEXT = 34,
	BITS_HALF = 36, /* one half is 0 */
	BITS_NOISE = 64,
};

static size_t hash(uint64_t value)
{
	return (size_t)((value * UINT64_C(0x9e3779b97f4a7c15)) >> 58);
}

/* All bytes below 0x80 and above 0x08, or 0. */
static bool is_text(uint64_t word)
{
	for (; word; word >>= 8) {
		uint8_t c = (uint8_t)word;

		if (c >= 0x80 || (c && c < 9))
			return false;
	}
	return true;
}

static unsigned int bits_of(struct cost *cost, uint64_t word)
{
	uint32_t top = (uint32_t)(word >> 32);
	size_t at = hash(word), top_at = hash(top);
	bool repeated = cost->words[at] == word, near = cost->tops[top_at] == top;

	if (word == 0)
		return BITS_ZERO;
	cost->words[at] = word;
	cost->tops[top_at] = top;
	if (repeated)
		return BITS_REPEATED;
	if (word < 65536)
		return BITS_SMALL;
	if (is_text(word))
		return BITS_TEXT;
	if (top && near)
		return BITS_NEAR;
	return top == 0 || (uint32_t)word == 0 ? BITS_HALF : BITS_NOISE;
}

void cost_count(struct cost *cost, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n / 8; i++)
		cost->bits += bits_of(cost, bytes_word((struct bytes){ p, n }, i, 8));
}

void cost_memory(struct cost *cost, const struct memory *memory, uint64_t start,
		 uint64_t end)
{
	uint8_t page[PAGE];

	for (; start < end; start += PAGE)
		cost_count(cost, page,
			   memory_read_some(memory, start, page, sizeof(page)));
}
