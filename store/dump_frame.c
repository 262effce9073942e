/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include <zstd_errors.h>

#include "store/dump_frame.h"
#include "store/frame.h"

/* The library would read its ancient formats, and several frames in a row, as well. */
static int check_frame(const uint8_t *p, size_t n)
{
	if (n < 4 || frame_get_le32(p) != ZSTD_MAGICNUMBER ||
	    ZSTD_findFrameCompressedSize(p, n) != n)
		return -EBADMSG;
	return 0;
}

int dump_frame_decompress(ZSTD_DCtx *context, const uint8_t *p, size_t n, uint8_t *to,
			  size_t size)
{
	int r = check_frame(p, n);
	size_t got;

	if (r < 0)
		return r;
	got = ZSTD_decompressDCtx(context, to, size, p, n);
	if (ZSTD_isError(got))
		return ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation ? -ENOMEM
									      : -EBADMSG;
	return got == size ? 0 : -EBADMSG;
}

int dump_frame_load(const uint8_t *p, size_t n, size_t max, uint8_t **ret,
		    size_t *ret_size)
{
	unsigned long long size;
	ZSTD_DCtx *context;
	uint8_t *to;
	int r = check_frame(p, n);

	if (r < 0)
		return r;
	size = ZSTD_getFrameContentSize(p, n);
	/* An unknown size and an error are the largest numbers. */
	if (size > max)
		return -EBADMSG;
	to = malloc((size_t)size + 1); /* malloc(0) may be NULL */
	context = ZSTD_createDCtx();
	r = to && context ? dump_frame_decompress(context, p, n, to, (size_t)size)
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
