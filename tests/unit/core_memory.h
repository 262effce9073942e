/* SPDX-License-Identifier: MIT */
/*
 * A window for the rules on the memory of a core that is being built: its PT_LOADs' content,
 * with holes where a test wants them. It counts what is asked of it.
 */
#pragma once

#include "filter/memory.h"
#include "filter/spans.h"
#include "tests/unit/core_builder.h"

struct core_memory {
	const struct core_builder *b; /* its PT_LOADs by address */
	struct memory memory;
	struct span holes[8]; /* pages that are not there */
	size_t hole_count;
	struct span
		changed[8]; /* pages of files that the process has changed, by address */
	size_t changed_count;
	size_t reads;
};

void core_memory_open(struct core_memory *m, const struct core_builder *b);
void core_memory_hole(struct core_memory *m, uint64_t start, uint64_t end);
/* From the first on, only these pages are changed ones. */
void core_memory_changed(struct core_memory *m, uint64_t start, uint64_t end);
