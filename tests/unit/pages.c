/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "tests/unit/pages.h"
#include "tests/unit/table.h"

#include "filter/fate.h"

void pages_add(struct ranges *ranges, const char *text)
{
	unsigned int start, end, rank;
	int n;

	for (; sscanf(text, " %u-%u:%u%n", &start, &end, &rank, &n) == 3; text += n)
		ranges_add(ranges, (uint64_t)start * PAGE, (uint64_t)end * PAGE,
			   (enum rank)rank);
}

static void check(const struct ranges *ranges, bool fates, const char *expected)
{
	char text[512] = "";
	size_t n = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		const struct range *r = &ranges->ranges[i];
		char rank[16];

		(void)snprintf(rank, sizeof(rank), "%d", (int)r->rank);
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "%s%" PRIu64 "-%" PRIu64 ":%s", i ? " " : "",
				      r->start / PAGE, r->end / PAGE,
				      fates ? fate_name(r->fate) : rank);
	}
	assert_string_equal(text, expected);
}

void assert_page_ranks(const struct ranges *ranges, const char *expected)
{
	check(ranges, false, expected);
}

void assert_page_fates(const struct ranges *ranges, const char *expected)
{
	check(ranges, true, expected);
}
