/* SPDX-License-Identifier: MIT */
/*
 * The drop map of a dump that was made from a dump: what the first one left out is not in its
 * core any more, so no plan knows of it, but its drop map does. Pure.
 */
#pragma once

#include "base/cleanup.h"
#include "store/memory_map.h"

/*
 * map, and where it has nothing, what `before` has; where mappings begin, it knows better, too. What
 * was kept there and is not in the core is lost. Return: 0, -E2BIG, -ENOMEM.
 */
int map_fill(const struct memory_map *map, const struct memory_map *before,
	     struct memory_map *ret) _must_check_;
