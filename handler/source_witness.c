/* SPDX-License-Identifier: MIT */
#include "handler/pagemap_runs.h"
#include "handler/source_witness.h"

static uint64_t entry_of(int pagemap_fd, uint64_t page)
{
	uint64_t entry;

	pagemap_entries(pagemap_fd, page, &entry, 1);
	return entry;
}

static bool is_private(uint64_t entry)
{
	return pagemap_entry_exists(entry) && !(entry & PM_FILE);
}

void source_witness_add(int pagemap_fd, uint64_t page, bool from_end,
			struct source_witness *witness)
{
	uint64_t *pages = from_end ? witness->high : witness->low;
	size_t *count = from_end ? &witness->high_count : &witness->low_count;

	if (*count < SOURCE_WITNESSES && is_private(entry_of(pagemap_fd, page)))
		pages[(*count)++] = page;
}

bool source_witness_is_full(const struct source_witness *witness, bool from_end)
{
	return (from_end ? witness->high_count : witness->low_count) == SOURCE_WITNESSES;
}

static bool one_stands(int pagemap_fd, const uint64_t *pages, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (pagemap_entry_exists(entry_of(pagemap_fd, pages[i])))
			return true;
	}
	return count == 0;
}

bool source_witness_stands(int pagemap_fd, const struct source_witness *witness)
{
	return one_stands(pagemap_fd, witness->low, witness->low_count) &&
	       one_stands(pagemap_fd, witness->high, witness->high_count);
}
