/* SPDX-License-Identifier: MIT */
#include "filter/core_table.h"

const char *core_table_count(const struct elf_header *header, const struct segment *first,
			     uint64_t *ret)
{
	uint64_t table;

	*ret = header->phnum;
	if (header->phnum != PN_XNUM)
		return NULL;
	if (first->type != PT_NOTE || first->offset < header->phoff)
		return "more than 65,534 program headers, and PT_NOTE not first";
	table = first->offset - header->phoff;
	*ret = table / header->phentsize;
	if (table % header->phentsize || *ret < PN_XNUM)
		return "the number of program headers cannot be told";
	return NULL;
}

const char *core_table_problem(unsigned int word, const struct segment *s)
{
	const uint64_t last = word == 8 ? UINT64_MAX : UINT32_MAX;
	uint64_t end;

	if (s->type != PT_LOAD && s->type != PT_NOTE)
		return NULL;
	/* file offsets are signed: 2^63 and more cannot be */
	if (__builtin_add_overflow(s->offset, s->filesz, &end) || end > INT64_MAX)
		return "a segment that ends beyond the largest file";
	if (s->type == PT_NOTE)
		return NULL;
	/* the last byte counts: memory may reach the very end of 32 bits */
	if (__builtin_add_overflow(s->vaddr, s->memsz, &end) || (end && end - 1 > last))
		return "a segment that ends beyond the address space";
	if (s->filesz > s->memsz)
		return "a segment with more bytes in the file than in memory";
	return NULL;
}
