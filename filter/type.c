/* SPDX-License-Identifier: MIT */
#include "filter/type.h"

/* What mini adds to stacks and globals: most small services whole, no cache of gigabytes. */
#define MINI_BUDGET (8u << 20)

/* Without these a debugger shows no frames, or stale values. */
#define RANKS_STACKS                                                            \
	(RANK_BIT(RANK_CRASH) | RANK_BIT(RANK_LOADER) | RANK_BIT(RANK_OBJECT) | \
	 RANK_BIT(RANK_THREAD) | RANK_BIT(RANK_GLOBAL) | RANK_BIT(RANK_FAR_STACK))
#define RANKS_MINI                                                     \
	(RANKS_STACKS | RANK_BIT(RANK_HINT) | RANK_BIT(RANK_RUNTIME) | \
	 RANK_BIT(RANK_POINTEE) | RANK_BIT(RANK_PRIVATE) | RANK_BIT(RANK_DEAD_STACK))
#define RANKS_ALL (RANKS_MINI | RANK_BIT(RANK_SHARED) | RANK_BIT(RANK_REST))

/*
 * Each scrubbed word may cost a program header of 56 bytes: 4 MiB of stacks are 200 threads
 * at 20 KiB, and at worst 1,000,000 headers.
 */
#define TRIAGE_BUDGET (4u << 20)

/* From poor to rich. */
static const struct type types[] = {
	{ .name = "none", .mapping_max = UINT64_MAX },
	{ .name = "triage",
	  .memory = true,
	  .ranks = RANKS_STACKS,
	  .budget = TRIAGE_BUDGET,
	  .scrub = true,
	  .mapping_max = UINT64_MAX },
	{ .name = "stacks",
	  .memory = true,
	  .ranks = RANKS_STACKS | RANK_BIT(RANK_HINT),
	  .budget = MINI_BUDGET,
	  .mapping_max = UINT64_MAX },
	{ .name = "mini",
	  .memory = true,
	  .ranks = RANKS_MINI,
	  .budget = MINI_BUDGET,
	  .mapping_max = UINT64_MAX },
	{ .name = "heap",
	  .memory = true,
	  .ranks = RANKS_MINI,
	  .budget = UINT64_MAX,
	  .elsewhere = MINI_BUDGET,
	  .mapping_max = UINT64_MAX },
	{ .name = "full",
	  .memory = true,
	  .ranks = RANKS_ALL,
	  .budget = UINT64_MAX,
	  .verbatim = true,
	  .mapping_max = UINT64_MAX },
	{ .name = "custom",
	  .memory = true,
	  .ranks = RANKS_MINI,
	  .budget = MINI_BUDGET,
	  .mapping_max = UINT64_MAX },
};

bool type_has_all_private(const struct type *type)
{
	return (type->ranks & RANK_BIT(RANK_PRIVATE)) && type->budget == UINT64_MAX &&
	       type->mapping_max == UINT64_MAX;
}

const struct type *type_find(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	}
	return NULL;
}
