/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/io.h"
#include "handler/pagemap_runs.h"
#include "handler/source_witness.h"

/* Return: 0 or negative errno, then *ret is 0. */
static int entry_of(int pagemap_fd, uint64_t page, uint64_t *ret)
{
	ssize_t r = io_pread(pagemap_fd, ret, sizeof(*ret), page * sizeof(*ret));

	if (r != sizeof(*ret))
		*ret = 0;
	return r < 0 ? (int)r : 0;
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
	uint64_t entry;

	if (*count < SOURCE_WITNESSES && entry_of(pagemap_fd, page, &entry) == 0 &&
	    is_private(entry))
		pages[(*count)++] = page;
}

bool source_witness_is_full(const struct source_witness *witness, bool from_end)
{
	return (from_end ? witness->high_count : witness->low_count) == SOURCE_WITNESSES;
}

/* One of them exists. As source_witness_check(). */
static int check_end(int pagemap_fd, const uint64_t *pages, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t entry;
		int r = entry_of(pagemap_fd, pages[i], &entry);

		if (r < 0 || pagemap_entry_exists(entry))
			return r;
	}
	return count > 0 ? -ESRCH : 0;
}

int source_witness_check(int pagemap_fd, const struct source_witness *witness)
{
	int r = check_end(pagemap_fd, witness->low, witness->low_count);

	return r < 0 ? r : check_end(pagemap_fd, witness->high, witness->high_count);
}
