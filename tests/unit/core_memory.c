/* SPDX-License-Identifier: MIT */
#include "tests/unit/core_memory.h"
#include "tests/unit/table.h"

/* Where content ends that holds an address; the address itself if there is none. */
static uint64_t content_end(const struct core_builder *b, uint64_t address)
{
	size_t low = 0, high = b->load_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b->loads[middle].vaddr + b->loads[middle].memsz - 1 < address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == b->load_count || b->loads[low].vaddr > address ||
	    address - b->loads[low].vaddr >= b->loads[low].filesz)
		return address;
	return b->loads[low].vaddr + b->loads[low].filesz;
}

static uint64_t hole_start(const struct core_memory *m, uint64_t address, uint64_t end)
{
	for (size_t i = 0; i < m->hole_count; i++) {
		const struct span *hole = &m->holes[i];

		if (address < hole->end && hole->start < end)
			end = hole->start > address ? hole->start : address;
	}
	return end;
}

static size_t read_core(void *context, uint64_t address, void *to, size_t n)
{
	struct core_memory *m = context;
	uint64_t end = address, next;

	m->reads++;
	while (end - address < n && (next = content_end(m->b, end)) > end)
		end = next;
	end = hole_start(m, address, end);
	if (end - address < n)
		n = end - address;
	builder_peek(m->b, address, to, n);
	return n;
}

static bool next_changed(void *context, uint64_t start, uint64_t end, uint64_t *ret_start,
			 uint64_t *ret_end)
{
	const struct core_memory *m = context;

	for (size_t i = 0; i < m->changed_count; i++) {
		const struct span *changed = &m->changed[i];

		if (changed->start >= end || changed->end <= start)
			continue;
		*ret_start = changed->start > start ? changed->start : start;
		*ret_end = changed->end < end ? changed->end : end;
		return true;
	}
	return false;
}

void core_memory_open(struct core_memory *m, const struct core_builder *b)
{
	*m = (struct core_memory){ .b = b };
	m->memory = (struct memory){ .read = read_core, .context = m };
}

void core_memory_hole(struct core_memory *m, uint64_t start, uint64_t end)
{
	assert_true(m->hole_count < ARRAY_SIZE(m->holes));
	m->holes[m->hole_count++] = (struct span){ start, end };
}

void core_memory_changed(struct core_memory *m, uint64_t start, uint64_t end)
{
	assert_true(m->changed_count < ARRAY_SIZE(m->changed));
	m->changed[m->changed_count++] = (struct span){ start, end };
	m->memory.next_changed = next_changed;
}
