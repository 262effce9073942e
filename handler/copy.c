/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "handler/capture_overlay.h"
#include "handler/copy.h"
#include "handler/cursor.h"
#include "handler/pack_zeros.h"

/* Section headers and their names, which the announced size does not count (gdb's gcore). */
#define TAIL_MAX (1u << 20)

/*
 * Zeros of which it is known that they are. The process has nothing there, so there can be no
 * secret. Return: bytes, 0 if there are none; negative errno: the pack failed.
 */
static int64_t copy_hole(struct source *source, struct pack *pack, uint64_t n)
{
	uint64_t hole = n < PACK_ZEROS_MIN ? 0 : source_hole(source, n);
	int r;

	hole -= hole % PACK_ZEROS_MIN;
	if (hole == 0)
		return 0;
	r = pack_zeros(pack, hole);
	if (r < 0)
		return r;
	source->from_memory += hole;
	r = source_skip(source, source->position + hole);
	return r < 0 ? r : (int64_t)hole;
}

/*
 * One piece, which gets zeros for what is to be blanked: no secret reaches a compressor or a file.
 * Return: bytes; 0 the source ended (or failed, see source->error); negative errno as above.
 */
static int64_t copy_piece(const struct plan *plan, struct source *source,
			  struct pack *pack, uint64_t n)
{
	uint64_t offset = source->position;
	uint8_t *space;
	size_t room;
	ssize_t got;
	int r = pack_space(pack, &space, &room);

	if (r < 0)
		return r;
	if (room > n)
		room = (size_t)n;
	if (room > COPY_PIECE_MAX)
		room = COPY_PIECE_MAX;
	got = source_read(source, space, room);
	if (got <= 0)
		return 0;
	overlay_apply(source->overlay, offset, space, (size_t)got);
	plan_blank(plan, offset, space, (size_t)got);
	r = pack_commit(pack, (size_t)got);
	return r < 0 ? r : got;
}

/* Return: bytes copied, fewer where the source ended; negative errno: the pack failed. */
static int64_t copy(const struct plan *plan, struct source *source, struct pack *pack,
		    uint64_t n)
{
	uint64_t done = 0;

	while (done < n) {
		int64_t got = copy_hole(source, pack, n - done);

		if (got == 0)
			got = copy_piece(plan, source, pack, n - done);
		if (got < 0)
			return got;
		if (got == 0)
			break;
		done += (uint64_t)got;
	}
	return (int64_t)done;
}

static int copy_extents(const struct plan *plan, struct cursor *from,
			struct source *source, struct pack *pack)
{
	uint64_t left;

	while ((left = cursor_left(from)) > 0) {
		int64_t n;

		if (source_skip(source, cursor_offset(from)) <= 0)
			return 0;
		n = copy(plan, source, pack, left);
		if (n < 0)
			return (int)n;
		if ((uint64_t)n < left)
			return 0;
		cursor_move(from, left);
		if (cursor_at_border(from)) {
			int r = pack_border(pack);

			if (r < 0)
				return r;
		}
	}
	return 1;
}

/* The stream may be a little longer than announced. */
static int copy_tail(const struct plan *plan, struct source *source, struct pack *pack)
{
	int64_t n = copy(plan, source, pack, TAIL_MAX);

	return n < 0 ? (int)n : 1;
}

/*
 * What memory did not give of a plan by rank, as the stream has it. Nothing was read of that yet but
 * headers and notes. The turn is known before the first of these bytes is: see pack_abandon().
 */
static int copy_rest(const struct plan *plan, struct source *source, struct pack *pack,
		     struct copy_turn *turn)
{
	struct extent *rest = calloc(plan->extent_count + 1, sizeof(*rest));
	uint64_t done = pack_size(pack);
	struct cursor from;
	int r;

	if (!rest) {
		source->error = -ENOMEM;
		return 0;
	}
	cursor_open_rest(rest, plan_rest(plan, done, rest), &from);
	atomic_store(&turn->at, done);
	if (turn->tell)
		turn->tell();
	r = copy_extents(plan, &from, source, pack);
	free(rest);
	return r;
}

int copy_memory(const struct plan *plan, struct source *source, struct pack *pack,
		struct copy_turn *turn)
{
	struct cursor from;
	int r;

	cursor_open(plan, &from);
	cursor_move(&from, pack_size(pack) - plan->header_size);
	r = copy_extents(plan, &from, source, pack);
	if (r == 0 && plan->by_rank && source_has_left_memory(source))
		r = copy_rest(plan, source, pack, turn);
	return r == 1 && plan->verbatim ? copy_tail(plan, source, pack) : r;
}
