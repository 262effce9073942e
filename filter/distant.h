/* SPDX-License-Identifier: MIT */
/*
 * Memory whose pages another machine or another process has, which may never answer: what is asked of it waits, so all
 * else goes out before. What the process changed is in its own memory, and keeps its rank.
 */
#pragma once

#include "filter/memory.h"
#include "filter/ranges.h"

/*
 * Ranges: disjoint, by address, and so they stay; what a span has of them that was not changed gets RANK_DISTANT. Where
 * nobody can tell what was changed (memory is NULL), or it is in too many pieces, nothing was. Spans: joined, or
 * NULL. Return: whether some of that is not in memory, or may not be: to read it is to wait for an answer.
 * May fail: see ranges->failed.
 */
bool distant_mark(const struct memory *memory, const struct spans *spans,
		  struct ranges *ranges);
