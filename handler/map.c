/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "handler/map.h"
#include "handler/map_fill.h"

_Static_assert(MEMORY_MAP_EXECUTE == PF_X && MEMORY_MAP_WRITE == PF_W &&
		       MEMORY_MAP_READ == PF_R,
	       "flags of the map are those of program headers");

/*
 * The kernel's own name where it is none of a file; else NT_FILE's path, which is as the
 * file system has it, not as /proc/PID/maps escapes it.
 */
static struct bytes name_at(const struct map_facts *facts, uint64_t address)
{
	struct bytes name = names_at(facts->names, address);
	const struct file_mapping *file = notes_file_at(facts->notes, address);

	if (file && (name.n == 0 || name.p[0] == '/'))
		name = file->path;
	if (name.n > 0)
		name.n = strnlen((const char *)name.p,
				 name.n < PATH_MAX ? name.n : PATH_MAX);
	return name;
}

/* The part of a piece from `at` on that lies in one mapping, or between two. */
static uint64_t part_end(const struct area *area, const struct piece *piece, uint64_t at)
{
	uint64_t end = piece->end;

	if (area && at < area->start && area->start < end)
		end = area->start;
	else if (area && at >= area->start && area->end < end)
		end = area->end;
	return end;
}

static int add_piece(const struct map_facts *facts, const struct space *space,
		     const struct piece *piece, const struct area **last,
		     struct memory_map *map)
{
	int r = 0;

	for (uint64_t at = piece->start, end; at < piece->end && r == 0; at = end) {
		const struct area *area = space_above(space, at);
		bool inside = area && at >= area->start;
		struct bytes name = name_at(facts, at);
		struct memory_map_range range = {
			.start = at,
			.fate = fate_name(piece->fate),
			.rank = rank_name(piece->rank),
			.name = name.p,
			.name_size = name.n,
		};

		end = range.end = part_end(area, piece, at);
		if (inside)
			range.flags = area->segment->flags & (PF_R | PF_W | PF_X);
		if (!inside || area != *last)
			range.flags |= MEMORY_MAP_FIRST;
		*last = inside ? area : NULL;
		r = memory_map_add(map, &range);
	}
	return r;
}

static int add_pieces(const struct plan *plan, const struct map_facts *facts,
		      struct memory_map *map)
{
	struct space space = { NULL, 0 };
	const struct area *last = NULL;
	int r = -ENODATA;

	if (plan->piece_count > 0)
		r = space_build(facts->core, facts->notes, &space);
	for (size_t i = 0; i < plan->piece_count && r == 0; i++)
		r = add_piece(facts, &space, &plan->pieces[i], &last, map);
	space_done(&space);
	return r;
}

int map_make(const struct plan *plan, const struct map_facts *facts,
	     struct memory_map *ret)
{
	_cleanup_memory_map_ struct memory_map map = { 0 };
	int r = add_pieces(plan, facts, &map);

	if (r == 0 && facts->before)
		return map_fill(&map, facts->before, ret);
	if (r == 0) {
		*ret = map;
		map = (struct memory_map){ 0 };
	}
	return r;
}

int map_encode(const struct plan *plan, const struct map_facts *facts, uint8_t **ret,
	       size_t *ret_n)
{
	_cleanup_memory_map_ struct memory_map map = { 0 };
	int r = map_make(plan, facts, &map);

	return r == 0 ? memory_map_encode(&map, ret, ret_n) : r;
}
