/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include <zstd.h>

#include "base/io.h"
#include "store/dump_frame.h"
#include "store/dump_large.h"

/* What zstd takes and gives at once (ZSTD_DStreamOutSize). */
#define PART (128ul << 10)

struct large {
	int fd;
	ZSTD_DCtx *context;
	struct dump_output *output;
	const char *reason;
	uint64_t offset, end; /* of what is not read yet, in the file */
	uint64_t left; /* bytes that may still come out */
	ZSTD_inBuffer in;
	uint8_t input[PART], bytes[PART];
	uint8_t zero[PART / DUMP_OUTPUT_PAGE];
};

static int refuse(struct large *large, int error, const char *reason)
{
	large->reason = reason;
	return error;
}

static int read_some(struct large *large)
{
	uint64_t left = large->end - large->offset;
	size_t n = left < PART ? (size_t)left : PART;
	ssize_t got = io_pread_full(large->fd, large->input, n, large->offset);

	if (got < 0)
		return refuse(large, (int)got, "it cannot be read");
	if ((size_t)got != n)
		return refuse(large, -ENODATA, "it was cut while it was read");
	large->offset += n;
	large->in = (ZSTD_inBuffer){ large->input, n, 0 };
	return 0;
}

/* The library would read its ancient formats as well. */
static int check_magic(struct large *large)
{
	if (large->in.size < 4 || frame_get_le32(large->input) != ZSTD_MAGICNUMBER)
		return refuse(large, -EBADMSG, "a frame is damaged");
	return 0;
}

/* One call of zstd. Return: 1 to go on, 0 at the end of the frame, negative errno. */
static int decompress_some(struct large *large)
{
	ZSTD_outBuffer out = { large->bytes, PART, 0 };
	size_t before = large->in.pos, code;
	int r;

	code = ZSTD_decompressStream(large->context, &out, &large->in);
	if (ZSTD_isError(code))
		return dump_frame_error(code, &large->reason);
	if (out.pos > large->left)
		return refuse(large, -EBADMSG,
			      "a frame is longer than the seek table says");
	if (code != 0 && large->in.pos == before && out.pos == 0)
		return refuse(large, -EBADMSG, "it is corrupted: a frame has no end");
	large->left -= out.pos;
	dump_output_scan(large->bytes, out.pos, large->output->done, large->zero);
	r = dump_output_bytes(large->output, large->bytes, out.pos, large->zero);
	return r < 0 ? refuse(large, r, NULL) : code != 0;
}

static int run(struct large *large)
{
	int r = read_some(large);

	if (r == 0)
		r = check_magic(large);
	if (r < 0)
		return r;
	do {
		/* At the frame's end zstd may still have bytes to give. */
		if (large->in.pos == large->in.size && large->offset < large->end)
			r = read_some(large);
		if (r >= 0)
			r = decompress_some(large);
	} while (r > 0);
	if (r < 0)
		return r;
	if (large->offset != large->end || large->in.pos != large->in.size ||
	    large->left != 0)
		return refuse(large, -EBADMSG,
			      "a frame ends before the seek table says so");
	return 0;
}

int dump_large_extract(int fd, const struct seek_frame *frame, struct dump_output *output,
		       const char **ret_reason)
{
	struct large *large = calloc(1, sizeof(*large));
	int r = -ENOMEM;

	*ret_reason = "there is no memory to decompress it";
	if (!large)
		return r;
	large->fd = fd;
	large->output = output;
	large->offset = frame->offset;
	large->end = frame->offset + frame->compressed;
	large->left = frame->size;
	large->context = ZSTD_createDCtx();
	if (large->context &&
	    !ZSTD_isError(ZSTD_DCtx_setParameter(large->context, ZSTD_d_windowLogMax,
						 FRAME_WINDOW_LOG_MAX))) {
		r = run(large);
		*ret_reason = large->reason;
	}
	ZSTD_freeDCtx(large->context);
	free(large);
	return r;
}
