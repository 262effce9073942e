/* SPDX-License-Identifier: MIT */
/*
 * The rules: each looks at the process and says which addresses matter, and how much. One
 * file each, rule_NAME.c. Here they know only what the header stream tells: registers,
 * mappings, files.
 */
#pragma once

#include "filter/notes.h"
#include "filter/ranges.h"
#include "filter/space.h"

struct view {
	const struct core *core;
	const struct notes *notes;
	const struct space *space;
};

typedef void (*rule)(const struct view *view, struct ranges *ranges);

/* Ranks 1 and 5: stacks from SP to their end, pages of PC and of the fault address. */
void rule_stacks(const struct view *view, struct ranges *ranges);
/* Rank 5: thread control blocks and static TLS. */
void rule_tls(const struct view *view, struct ranges *ranges);
/* Rank 2: small anonymous memory beside objects: link_maps, .bss tails, loader's heap. */
void rule_loader(const struct view *view, struct ranges *ranges);
/* Ranks 3 and 6: what the kernel kept of file mappings; the vdso. */
void rule_objects(const struct view *view, struct ranges *ranges);
/* Ranks 8 to 11: all the rest, mapping by mapping. */
void rule_rest(const struct view *view, struct ranges *ranges);
