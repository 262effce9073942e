/* SPDX-License-Identifier: MIT */
/*
 * The notes of a core that is being built, read as its own machine's.
 */
#pragma once

#include "tests/unit/core_builder.h"

static inline struct elf_header header_of(const struct core_builder *b)
{
	return (struct elf_header){ .word = b->word, .machine = b->machine };
}

static inline void read_built(struct core_builder *b, struct notes *ret)
{
	struct elf_header header = header_of(b);

	notes_read(&header, (struct bytes){ b->notes.p, b->notes.n }, ret);
}
