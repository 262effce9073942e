/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/clock.h"
#include "handler/capture_overlay.h"
#include "handler/copy.h"
#include "handler/pack_zeros.h"
#include "handler/readers.h"
#include "store/frame.h"

/* µs of reading that are lost when the process is killed meanwhile. */
#define UNSURE_MAX 500

/* What one thread reads at a time. */
struct claim {
	struct cursor from;
	uint64_t size; /* at most a buffer's */
	uint8_t *buffer;
	struct parcel *parcel;
};

void readers_open(const struct plan *plan, struct source *source, struct pack *pack,
		  struct readers *ret)
{
	*ret = (struct readers){ .plan = plan, .source = source, .pack = pack };
	cursor_open(plan, &ret->next);
	(void)pthread_mutex_init(&ret->turn, NULL); /* these cannot fail with glibc */
	(void)pthread_cond_init(&ret->left, NULL);
}

void readers_close(struct readers *readers)
{
	(void)pthread_cond_destroy(&readers->left);
	(void)pthread_mutex_destroy(&readers->turn);
}

/* Zeros at a place of which it is known without reading, as many as the pack takes. */
static uint64_t hole_at(const struct readers *readers, const struct cursor *at)
{
	uint64_t left = cursor_left(at), hole;

	if (left < PACK_ZEROS_MIN)
		return 0;
	hole = source_memory_hole(readers->source->memory, cursor_offset(at), left);
	return hole - hole % PACK_ZEROS_MIN;
}

/* A piece ends where zeros begin that go out without being read: to make pages of zeros takes longer than to read. */
static uint64_t before_hole(const struct readers *readers, const struct cursor *at,
			    uint64_t n)
{
	uint64_t data;

	if (n < PACK_ZEROS_MIN)
		return n;
	data = source_memory_data(readers->source->memory, cursor_offset(at), n,
				  PACK_ZEROS_MIN);
	return data > 0 ? data : n; /* 0: the process is gone, and the read will say so */
}

/* Bytes of the piece that comes next in a claim that has `size` of them. */
static uint64_t piece_of(const struct cursor *at, uint64_t size)
{
	uint64_t n = cursor_left(at);

	if (n > FRAME_MEMORY_MAX - size)
		n = FRAME_MEMORY_MAX - size;
	return n < COPY_PIECE_MAX ? n : COPY_PIECE_MAX;
}

/* Holes go out at once; a claim ends before the next one. With the turn. */
static int claim_next(struct readers *readers, struct claim *claim)
{
	struct cursor *next = &readers->next;
	uint64_t n;
	int r = 0;

	while (r == 0 && (n = hole_at(readers, next)) > 0) {
		r = pack_zeros(readers->pack, n);
		cursor_move(next, n);
	}
	claim->from = *next;
	claim->size = 0;
	while ((n = piece_of(next, claim->size)) > 0 &&
	       (claim->size == 0 ||
		(!cursor_at_border(next) && hole_at(readers, next) == 0))) {
		n = before_hole(readers, next, n);
		cursor_move(next, n);
		claim->size += n;
	}
	if (r == 0 && claim->size > 0)
		r = pack_reserve(readers->pack, claim->buffer, &claim->parcel);
	return r;
}

static void fail(struct readers *readers, int error, bool pack_failed)
{
	(void)pthread_mutex_lock(&readers->turn);
	/* what the pack says ends all, what memory says leaves the stream */
	if (!readers->error || (pack_failed && !readers->pack_failed))
		readers->error = error;
	readers->pack_failed |= pack_failed;
	(void)pthread_mutex_unlock(&readers->turn);
}

/* Return: whether the buffer has a place to be filled; it is the order's then. */
static bool begin(struct readers *readers, struct claim *claim)
{
	bool begun = false;
	int r = 0;

	(void)pthread_mutex_lock(&readers->turn);
	if (!readers->error)
		r = claim_next(readers, claim);
	begun = r == 0 && !readers->error && claim->size > 0;
	(void)pthread_mutex_unlock(&readers->turn);
	if (r < 0)
		fail(readers, r, true);
	return begun;
}

/* Return: 0; negative errno: memory cannot be had, or the pack failed, then it was told. */
static int read_piece(struct readers *readers, const struct claim *claim,
		      const struct cursor *at, uint64_t done, size_t n)
{
	uint64_t offset = cursor_offset(at);
	uint8_t *to = claim->buffer + done;
	ssize_t got = source_memory_read(readers->source->memory, to, n, offset);
	int r;

	if (got != (ssize_t)n) {
		r = got < 0 ? (int)got : -EIO; /* it is as long as the core */
		fail(readers, r, false);
		return r;
	}
	overlay_apply(readers->source->overlay, offset, to, n);
	plan_blank(readers->plan, offset, to, n);
	r = pack_filled(readers->pack, claim->parcel, n);
	if (r < 0)
		fail(readers, r, true);
	return r;
}

/* What was read since the process was seen to be held last. */
struct unsure {
	uint64_t n;
	int64_t since; /* of CLOCK_MONOTONIC */
};

/* To ask costs as much as to read a few pieces. last: nothing comes behind it. Return: 0; negative errno: it is lost. */
static int make_sure(struct readers *readers, const struct claim *claim, bool last,
		     struct unsure *unsure)
{
	int64_t now = clock_usec(CLOCK_MONOTONIC);
	int r;

	if (unsure->n == 0 || (!last && now - unsure->since < UNSURE_MAX))
		return 0;
	r = source_believe(readers->source);
	if (r < 0) {
		pack_unfilled(readers->pack, claim->parcel, (size_t)unsure->n);
		fail(readers, r, false);
		return r;
	}
	*unsure = (struct unsure){ .since = now };
	return 0;
}

static void fill(struct readers *readers, const struct claim *claim)
{
	struct unsure unsure = { .since = clock_usec(CLOCK_MONOTONIC) };
	struct cursor at = claim->from;
	uint64_t done = 0;
	int r = 0, sure = 0;

	while (r == 0 && sure == 0 && done < claim->size) {
		uint64_t n = piece_of(&at, done);

		if (n > claim->size - done)
			n = claim->size - done;
		r = read_piece(readers, claim, &at, done, (size_t)n);
		cursor_move(&at, n);
		done += n;
		unsure.n += r == 0 ? n : 0;
		sure = make_sure(readers, claim, r < 0 || done == claim->size, &unsure);
	}
	pack_leave(readers->pack, claim->parcel, r == 0 && sure == 0);
}

static bool enter(struct readers *readers)
{
	bool may;

	(void)pthread_mutex_lock(&readers->turn);
	may = !readers->closed && !readers->error && cursor_left(&readers->next) > 0;
	readers->inside += may;
	(void)pthread_mutex_unlock(&readers->turn);
	return may;
}

static void leave(struct readers *readers)
{
	(void)pthread_mutex_lock(&readers->turn);
	readers->inside--;
	(void)pthread_cond_broadcast(&readers->left);
	(void)pthread_mutex_unlock(&readers->turn);
}

void readers_work(struct readers *readers, struct packer *packer)
{
	while (enter(readers)) {
		struct claim claim = { 0 };
		int r = pack_buffer(readers->pack, packer, &claim.buffer);

		if (r == 0 && begin(readers, &claim))
			fill(readers, &claim);
		else if (r == 0)
			pack_buffer_back(readers->pack, claim.buffer);
		else if (r != -ECANCELED)
			fail(readers, r, true);
		leave(readers);
	}
}

/* Who has the turn may be looking for the end of a hole of terabytes. */
bool readers_failed(const struct readers *readers)
{
	return readers->error != 0;
}

/* The source is where the pack is. */
static void move_source(const struct readers *readers)
{
	struct source *source = readers->source;
	uint64_t done = pack_size(readers->pack) - readers->plan->header_size;
	struct cursor at;

	source->from_memory += done;
	cursor_open(readers->plan, &at);
	cursor_move(&at, done);
	if (cursor_left(&at) > 0)
		(void)!source_skip(source, cursor_offset(&at)); /* memory: cannot fail */
	else if (readers->plan->verbatim)
		(void)!source_skip(source, readers->plan->size); /* as above */
}

int readers_end(struct readers *readers)
{
	(void)pthread_mutex_lock(&readers->turn);
	readers->closed = true;
	while (readers->inside > 0)
		(void)pthread_cond_wait(&readers->left, &readers->turn);
	(void)pthread_mutex_unlock(&readers->turn);
	if (readers->pack_failed)
		return readers->error;
	pack_cut(readers->pack);
	move_source(readers);
	return 0;
}
