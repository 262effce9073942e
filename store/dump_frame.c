/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>

#include <zstd_errors.h>

#include "store/dump_frame.h"
#include "store/frame.h"

/* Magic, descriptor, window. */
#define HEADER_MIN 6

static int refuse(int error, const char *reason, const char **ret_reason)
{
	*ret_reason = reason;
	return error;
}

int dump_frame_error(size_t code, const char **ret_reason)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_memory_allocation:
		return refuse(-ENOMEM, "there is no memory to decompress it", ret_reason);
	case ZSTD_error_frameParameter_windowTooLarge:
		return refuse(-EBADMSG, "it asks for more memory than a dump needs",
			      ret_reason);
	case ZSTD_error_checksum_wrong:
		return refuse(-EBADMSG, "it is corrupted: a checksum is wrong",
			      ret_reason);
	case ZSTD_error_dstSize_tooSmall:
		return refuse(-EBADMSG, "a frame is longer than the seek table says",
			      ret_reason);
	default:
		return refuse(-EBADMSG, "it is corrupted: a frame cannot be decompressed",
			      ret_reason);
	}
}

/*
 * From memory into memory a window costs nothing, and the library does not look at it, but
 * readers of a stream refuse it (RFC 8878, 3.1.1.1.2). A single segment has none.
 */
static bool window_too_large(const uint8_t *p)
{
	bool single_segment = p[4] & 1 << 5;
	int log = 10 + (p[5] >> 3);
	bool more = p[5] & 7;

	return !single_segment && log + more > FRAME_WINDOW_LOG_MAX;
}

/* The library would read its ancient formats, and several frames in a row, as well. */
static int check_frame(const uint8_t *p, size_t n, const char **ret_reason)
{
	size_t compressed;

	if (n < HEADER_MIN || frame_get_le32(p) != ZSTD_MAGICNUMBER)
		return refuse(-EBADMSG, "a frame is damaged", ret_reason);
	if (window_too_large(p))
		return refuse(-EBADMSG, "it asks for more memory than a dump needs",
			      ret_reason);
	compressed = ZSTD_findFrameCompressedSize(p, n);
	if (ZSTD_isError(compressed))
		return dump_frame_error(compressed, ret_reason);
	if (compressed != n)
		return refuse(-EBADMSG, "a frame ends before the seek table says so",
			      ret_reason);
	return 0;
}

int dump_frame_decompress(ZSTD_DCtx *context, const uint8_t *p, size_t n, uint8_t *to,
			  size_t size, const char **ret_reason)
{
	int r = check_frame(p, n, ret_reason);
	size_t got;

	if (r < 0)
		return r;
	got = ZSTD_decompressDCtx(context, to, size, p, n);
	if (ZSTD_isError(got))
		return dump_frame_error(got, ret_reason);
	if (got != size)
		return refuse(-EBADMSG, "a frame ends before the seek table says so",
			      ret_reason);
	return 0;
}

int dump_frame_load(const uint8_t *p, size_t n, size_t max, uint8_t **ret,
		    size_t *ret_size)
{
	unsigned long long size;
	const char *reason;
	ZSTD_DCtx *context;
	uint8_t *to;
	int r = check_frame(p, n, &reason);

	if (r < 0)
		return r;
	size = ZSTD_getFrameContentSize(p, n);
	/* An unknown size and an error are the largest numbers. */
	if (size > max)
		return -EBADMSG;
	to = malloc((size_t)size + 1); /* malloc(0) may be NULL */
	context = ZSTD_createDCtx();
	r = to && context
		    ? dump_frame_decompress(context, p, n, to, (size_t)size, &reason)
		    : -ENOMEM;
	ZSTD_freeDCtx(context);
	if (r < 0) {
		free(to);
		return r;
	}
	*ret = to;
	*ret_size = (size_t)size;
	return 0;
}
