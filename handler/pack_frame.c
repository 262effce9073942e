/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <zstd.h>

#include "handler/pack_frame.h"
#include "store/frame.h"

/*
 * What is looked at to tell noise: 8 samples of 4 KiB. Of noise each of the 256 bytes comes 128 times,
 * and the squares of the differences add up to 255 * 128 or so; what a compressor wrote comes to twice
 * that, and where it is 8 times that, compressing saves less than 1 %.
 */
#define SAMPLES	    8ul
#define SAMPLE_SIZE 4096u
#define EXPECTED    (SAMPLES * SAMPLE_SIZE / 256)
#define NOISE_MAX   (UINT64_C(8) * 256 * EXPECTED)

struct pack_frame {
	ZSTD_CCtx *zstd;
	int level; /* that zstd has; 0: none yet */
	uint8_t *bytes;
	size_t size;
};

struct pack_frame *pack_frame_open(void)
{
	struct pack_frame *frame = calloc(1, sizeof(*frame));

	if (!frame)
		return NULL;
	frame->zstd = ZSTD_createCCtx();
	if (frame->zstd)
		return frame;
	free(frame);
	return NULL;
}

void pack_frame_close(struct pack_frame *frame)
{
	if (!frame)
		return;
	ZSTD_freeCCtx(frame->zstd);
	free(frame->bytes);
	free(frame);
}

static int set_level(struct pack_frame *frame, int level)
{
	/* Beyond level 19 a window would be larger than readers allow; 0: as the level has it. */
	int window = level == PACK_LEVEL_BEST ? FRAME_WINDOW_LOG_MAX : 0;

	if (level == frame->level)
		return 0;
	frame->level = level;
	if (level == PACK_LEVEL_BEST)
		level = ZSTD_maxCLevel();
	else if (level == PACK_LEVEL_STORE)
		level = ZSTD_minCLevel();
	if (ZSTD_isError(ZSTD_CCtx_setParameter(frame->zstd, ZSTD_c_compressionLevel,
						level)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(frame->zstd, ZSTD_c_windowLog, window)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(frame->zstd, ZSTD_c_checksumFlag, 1)))
		return -EINVAL;
	return 0;
}

static int make_room(struct pack_frame *frame, size_t bound)
{
	uint8_t *bigger;

	if (bound <= frame->size)
		return 0;
	bigger = realloc(frame->bytes, bound);
	if (!bigger)
		return -ENOMEM;
	frame->bytes = bigger;
	frame->size = bound;
	return 0;
}

ssize_t pack_frame_make(struct pack_frame *frame, int level, const uint8_t *p, size_t n,
			const uint8_t **ret)
{
	size_t bound = ZSTD_compressBound(n), size;
	int r = set_level(frame, level);

	if (r == 0)
		r = make_room(frame, bound);
	if (r < 0)
		return r;
	size = ZSTD_compress2(frame->zstd, frame->bytes, bound, p, n);
	if (ZSTD_isError(size))
		return -ENOMEM;
	*ret = frame->bytes;
	return (ssize_t)size;
}

bool pack_frame_is_noise(const uint8_t *p, size_t n)
{
	int32_t counts[256] = { 0 };
	uint64_t sum = 0;

	if (n < SAMPLES * SAMPLE_SIZE)
		return false;
	for (size_t i = 0; i < SAMPLES; i++) {
		const uint8_t *sample = p + n / SAMPLES * i;

		for (size_t j = 0; j < SAMPLE_SIZE; j++)
			counts[sample[j]]++;
	}
	for (size_t i = 0; i < 256; i++) {
		int64_t difference = counts[i] - (int64_t)EXPECTED;

		sum += (uint64_t)(difference * difference);
	}
	return sum < NOISE_MAX;
}
