/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include <zstd.h>

#include "base/io.h"
#include "store/dump_extract.h"
#include "store/dump_large.h"
#include "store/dump_parallel.h"
#include "store/dump_zero.h"

struct extraction {
	const struct dump_extract *what;
	struct dump_fault fault;
	struct dump_output output;
	struct dump_parallel *parallel;
	struct dump_zero *zero;
	struct seek_cursor cursor;
	uint64_t planned; /* bytes of the frames that were looked at */
	uint64_t zeros; /* the last of them, known without being decompressed */
};

static int refuse(struct extraction *x, int error, const char *reason)
{
	x->fault = (struct dump_fault){ .reason = reason };
	return error;
}

static int refuse_frame(struct extraction *x, int error, const char *reason,
			uint32_t number, const struct seek_frame *frame)
{
	x->fault = (struct dump_fault){ reason, number, frame->offset };
	return error;
}

/* What the sink says has no reason of ours. */
static int handed_out(struct extraction *x, int r)
{
	return r < 0 ? refuse(x, r, NULL) : 0;
}

/* The oldest part, when it is there, to the sink. */
static int hand_out_first(struct extraction *x)
{
	const struct dump_part *part = dump_parallel_first(x->parallel);
	int r = handed_out(x, dump_output_zeros(&x->output, part->zeros));

	if (r < 0)
		return r;
	if (part->error < 0)
		return refuse_frame(x, part->error, part->reason, part->number,
				    &part->frame);
	if (part->is_zero)
		dump_zero_learn(x->zero, &part->frame, part->compressed);
	r = part->is_zero ? dump_output_zeros(&x->output, part->frame.size)
			  : dump_output_bytes(&x->output, part->bytes, part->frame.size,
					      part->zero);
	dump_parallel_drop(x->parallel);
	return handed_out(x, r);
}

static int hand_out_all(struct extraction *x)
{
	int r = 0;

	while (r == 0 && !dump_parallel_empty(x->parallel))
		r = hand_out_first(x);
	if (r == 0)
		r = handed_out(x, dump_output_zeros(&x->output, x->zeros));
	x->zeros = 0;
	return r;
}

static int submit(struct extraction *x, const struct seek_frame *frame)
{
	const struct dump_part part = {
		.frame = *frame,
		.number = x->cursor.next,
		.start = x->planned,
		.zeros = x->zeros,
	};
	int r = 0;

	if (dump_parallel_full(x->parallel))
		r = hand_out_first(x);
	if (r == 0)
		dump_parallel_submit(x->parallel, &part);
	x->zeros = 0;
	return r;
}

static int extract_large(struct extraction *x, const struct seek_frame *frame)
{
	const char *reason;
	int r = hand_out_all(x);

	if (r < 0)
		return r;
	r = dump_large_extract(x->what->fd, frame, &x->output, &reason);
	if (r < 0 && reason)
		return refuse_frame(x, r, reason, x->cursor.next, frame);
	return handed_out(x, r);
}

/*
 * A frame without content: skippable ones come from us or from a later version, nothing in
 * them is memory. Return: 1: it is one; 0: it is not; negative errno.
 */
static int is_skippable(struct extraction *x, const struct seek_frame *frame)
{
	uint8_t magic[4];
	ssize_t n = io_pread_full(x->what->fd, magic, sizeof(magic), frame->offset);

	if (n != sizeof(magic))
		return n < 0 ? (int)n : -ENODATA;
	return (frame_get_le32(magic) & ZSTD_MAGIC_SKIPPABLE_MASK) ==
	       ZSTD_MAGIC_SKIPPABLE_START;
}

/* A frame is found wrong before those in front of it were handed out. */
static int refuse_later(struct extraction *x, int error, const char *reason,
			const struct seek_frame *frame)
{
	int r = hand_out_all(x);

	return r < 0 ? r : refuse_frame(x, error, reason, x->cursor.next, frame);
}

static int extract_frame(struct extraction *x, const struct seek_frame *frame)
{
	int r = frame->size == 0 ? is_skippable(x, frame) : 0;

	if (r < 0)
		return refuse_later(x, r, "it cannot be read", frame);
	if (r > 0)
		return 0;
	if (frame->size > x->what->limit - x->planned)
		return refuse_later(x, -EBADMSG, "it is longer than its record says",
				    frame);
	if (dump_zero_known(x->zero, frame))
		x->zeros += frame->size;
	else if (dump_parallel_fits(frame))
		r = submit(x, frame);
	else
		r = extract_large(x, frame);
	x->planned += frame->size;
	return r;
}

static int extract_frames(struct extraction *x, const struct seek_table *table)
{
	struct seek_frame frame;
	int r, flushed;

	seek_start(&x->cursor, table);
	while ((r = seek_next(&x->cursor, &frame)) > 0) {
		r = extract_frame(x, &frame);
		if (r < 0)
			return r;
	}
	flushed = hand_out_all(x);
	if (flushed < 0)
		return flushed;
	if (r < 0)
		return refuse(x, r, "its frames and its seek table do not agree");
	if (x->planned != x->what->limit)
		return refuse(x, -EBADMSG, "it is shorter than its record says");
	return handed_out(x, dump_output_end(&x->output));
}

static int run(struct extraction *x)
{
	const struct dump_extract *what = x->what;
	struct seek_table table;
	const char *reason;
	int r = seek_table_open(what->fd, what->file_size, &table, &reason);

	if (r < 0)
		return refuse(x, r, reason);
	x->zero = dump_zero_new(what->fd);
	if (!x->zero || dump_parallel_open(what->fd, dump_parallel_threads(what->limit),
					   &x->parallel) < 0)
		return refuse(x, -ENOMEM, "there is no memory to decompress it");
	return extract_frames(x, &table);
}

int dump_extract_run(const struct dump_extract *what, struct dump_fault *ret_fault)
{
	struct extraction *x = calloc(1, sizeof(*x));
	int r;

	*ret_fault =
		(struct dump_fault){ .reason = "there is no memory to decompress it" };
	if (!x)
		return -ENOMEM;
	x->what = what;
	x->output.sink = what->sink;
	x->output.context = what->context;
	r = run(x);
	*ret_fault = x->fault;
	dump_parallel_close(x->parallel);
	dump_zero_free(x->zero);
	free(x);
	return r;
}
