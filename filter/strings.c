/* SPDX-License-Identifier: MIT */
#include <elf.h>

#include "filter/strings.h"

bool strings_find(const struct core *core, const struct notes *notes, uint64_t *ret_start,
		  uint64_t *ret_end)
{
	static const uint64_t marks[] = { AT_RANDOM, AT_PLATFORM, AT_BASE_PLATFORM };
	uint64_t lowest = UINT64_MAX, address;
	const struct segment *s;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (notes_auxv(notes, marks[i], &address) && address < lowest)
			lowest = address;
	}
	s = core_segment_at(core, lowest);
	if (!s)
		return false;
	*ret_start = lowest & ~(uint64_t)7;
	*ret_end = s->vaddr + s->memsz;
	return true;
}

bool strings_are_secret(const struct core *core, const struct notes *notes,
			const struct hints *hints)
{
	uint64_t start = 0, end = UINT64_MAX;

	if (!hints)
		return false;
	(void)strings_find(core, notes, &start, &end); /* else: any secret may be there */
	return hints->unreadable || hints_are_secret(hints, start, end);
}
