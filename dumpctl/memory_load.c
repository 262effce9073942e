/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "dumpctl/memory_load.h"
#include "filter/space.h"
#include "handler/header.h"
#include "handler/map.h"
#include "store/dump_map.h"
#include "store/dump_random.h"

/* Two pieces of each area at most: what it has, and what a file or nobody has. */
static struct piece *make_pieces(const struct space *space, size_t *ret_count)
{
	struct piece *pieces = calloc(2 * space->count + 1, sizeof(*pieces));
	size_t n = 0;

	for (size_t i = 0; pieces && i < space->count; i++) {
		const struct area *area = &space->areas[i];

		if (area->content_end > area->start)
			pieces[n++] = (struct piece){ area->start, area->content_end,
						      FATE_KEPT, RANK_MUST };
		if (area->end > area->content_end)
			pieces[n++] = (struct piece){ area->content_end, area->end,
						      area->has_file ? FATE_FILE
								     : FATE_NOT_OFFERED,
						      RANK_MUST };
	}
	*ret_count = n;
	return pieces;
}

static int from_core(const struct core *core, struct memory_map *ret)
{
	struct space space = { NULL, 0 };
	struct plan plan = { 0 };
	struct notes notes;
	int r;

	notes_read(&core->header, core->notes, &notes);
	r = space_build(core, &notes, &space);
	if (r == 0)
		plan.pieces = make_pieces(&space, &plan.piece_count);
	if (r == 0 && !plan.pieces)
		r = -ENOMEM;
	if (r == 0)
		r = map_make(&plan, &(struct map_facts){ .core = core, .notes = &notes },
			     ret);
	free(plan.pieces);
	space_done(&space);
	notes_done(&notes);
	return r;
}

static int from_headers(const struct dump *dump, struct memory_map *ret,
			const char **ret_reason)
{
	_cleanup_dump_random_ struct dump_random *random = NULL;
	struct source source;
	struct core core;
	int r = dump_random_open(dump, &random, ret_reason);

	if (r < 0)
		return r;
	core_init(&core);
	r = source_open_at(dump_random_pread, random,
			   (uint64_t)dump_record(dump)->size_dump, &source);
	if (r == 0)
		r = header_read(&source, &core);
	if (r == 0)
		r = from_core(&core, ret);
	if (r < 0)
		*ret_reason = r == -ESTALE ? "it was removed while it was read"
					   : "its program headers cannot be read";
	source_close(&source);
	core_done(&core);
	return r;
}

int memory_load(const struct dump *dump, struct memory_map *ret, bool *ret_derived,
		const char **ret_reason)
{
	int r = dump_memory_map(dump, ret, ret_reason);

	*ret_derived = r == -ENOENT;
	return r == -ENOENT ? from_headers(dump, ret, ret_reason) : r;
}
