/* SPDX-License-Identifier: MIT */
/*
 * The one gate to input: every access is checked against the end, and copied out. Numbers
 * are little endian; filter/ knows no other machines.
 */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *p;
	size_t n;
};

static inline bool bytes_copy(struct bytes b, uint64_t offset, void *to, size_t n)
{
	uint64_t end;

	if (__builtin_add_overflow(offset, n, &end) || end > b.n)
		return false;
	if (n) /* of nothing there may be no address */
		memcpy(to, b.p + offset, n);
	return true;
}

/* A part of b; empty (p NULL) if it is not wholly inside. */
static inline struct bytes bytes_part(struct bytes b, uint64_t offset, uint64_t n)
{
	uint64_t end;

	if (__builtin_add_overflow(offset, n, &end) || end > b.n)
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ b.p + offset, (size_t)n };
}

/* An unsigned number of `width` bytes (1 to 8); false beyond the end. */
static inline bool bytes_number(struct bytes b, uint64_t offset, size_t width,
				uint64_t *ret)
{
	uint8_t raw[8];
	uint64_t value = 0;

	if (width > sizeof(raw) || !bytes_copy(b, offset, raw, width))
		return false;
	for (size_t i = 0; i < width; i++)
		value |= (uint64_t)raw[i] << 8 * i;
	*ret = value;
	return true;
}

/* Word i of an array of words of 4 or 8 bytes, which holds it: for loops over memory. */
static inline uint64_t bytes_word(struct bytes b, size_t i, size_t width)
{
	uint64_t wide;
	uint32_t narrow;

	if (width == 8) {
		memcpy(&wide, b.p + 8 * i, 8);
		return le64toh(wide);
	}
	memcpy(&narrow, b.p + 4 * i, 4);
	return le32toh(narrow);
}

/* As bytes_number(); 0 beyond the end, for fields whose absence means 0. */
static inline uint64_t bytes_number_or_0(struct bytes b, uint64_t offset, size_t width)
{
	uint64_t value = 0;

	(void)bytes_number(b, offset, width, &value); /* stays 0 */
	return value;
}

/*
 * The kernel dumps whole pages. 4 KiB divides every page size there is, and on aarch64 with
 * 16 or 64 KiB pages the segments themselves are aligned to more.
 */
#define PAGE 4096u

static inline uint64_t page_down(uint64_t address)
{
	return address & ~(uint64_t)(PAGE - 1);
}

/* Saturates at the last page instead of wrapping to 0. */
static inline uint64_t page_up(uint64_t address)
{
	uint64_t up;

	if (__builtin_add_overflow(address, PAGE - 1, &up))
		return page_down(UINT64_MAX);
	return page_down(up);
}
