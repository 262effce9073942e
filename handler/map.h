/* SPDX-License-Identifier: MIT */
/*
 * A plan's pieces -> the drop map of the stored file (store/memory_map.h): each with its
 * mapping's permissions and name. Pure.
 */
#pragma once

#include "base/cleanup.h"
#include "filter/plan.h"
#include "store/memory_map.h"

/* What the plan was made from, as far as a map tells of it. */
struct map_facts {
	const struct core *core;
	const struct notes *notes;
	const struct names *names; /* may be NULL */
	const struct memory_map
		*before; /* of the dump that the core is from, may be NULL */
};

/*
 * Return: 0; -ENODATA: the plan has no pieces; -E2BIG: the map would be too large; -EINVAL: pieces
 * out of order; -ENOMEM.
 */
int map_make(const struct plan *plan, const struct map_facts *facts,
	     struct memory_map *ret) _must_check_;
/* The same as bytes. */
int map_encode(const struct plan *plan, const struct map_facts *facts, uint8_t **ret,
	       size_t *ret_n) _must_check_;
