/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

#include "tests/unit/stored.h"
#include "tests/unit/table.h"

#define RECORD_SIZE  16384
#define RECORD_MAGIC 0x184D2A50u
#define SEEK_MAGIC   0x184D2A5Eu
#define SEEK_TAIL    0x8F92EAB1u

int stored_file(void)
{
	const char *tmp = getenv("TMPDIR");
	int fd = open(tmp ? tmp : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

uint8_t *stored_bytes(int fd, size_t *ret_n)
{
	struct stat st;
	uint8_t *p;

	assert_int_equal(fstat(fd, &st), 0);
	p = malloc((size_t)st.st_size + 1);
	assert_non_null(p);
	assert_int_equal(pread(fd, p, (size_t)st.st_size, 0), st.st_size);
	*ret_n = (size_t)st.st_size;
	return p;
}

static uint32_t number(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void fill_record(int fd)
{
	const uint32_t header[] = { RECORD_MAGIC, RECORD_SIZE - 8 };

	assert_int_equal(pwrite(fd, header, sizeof(header), 0), sizeof(header));
}

static uint8_t *extract(ZSTD_DCtx *zstd, ZSTD_inBuffer in, size_t *ret_n)
{
	size_t capacity = 1 << 16, hint = 0;
	ZSTD_outBuffer out = { malloc(capacity), capacity, 0 };

	while (in.pos < in.size || out.pos == out.size) {
		if (out.pos == out.size) {
			out.size *= 2;
			out.dst = realloc(out.dst, out.size);
			assert_non_null(out.dst);
		}
		hint = ZSTD_decompressStream(zstd, &out, &in);
		if (ZSTD_isError(hint))
			break;
	}
	*ret_n = out.pos;
	if (hint == 0) /* the last frame is whole */
		return out.dst;
	free(out.dst);
	return NULL;
}

uint8_t *stored_extract(int fd, size_t *ret_n)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	uint8_t *file, *core;
	size_t n;

	fill_record(fd);
	file = stored_bytes(fd, &n);
	core = extract(zstd, (ZSTD_inBuffer){ file, n, 0 }, ret_n);
	ZSTD_freeDCtx(zstd);
	free(file);
	return core;
}

/* One frame at *at against its entry {compressed size, size}. */
static const char *check_frame(const uint8_t *p, size_t n, size_t *at,
			       const uint8_t *entry)
{
	size_t compressed = number(entry), size = number(entry + 4);
	bool skippable;

	if (compressed < 8 || compressed > n - *at)
		return "a frame beyond the end";
	if (ZSTD_findFrameCompressedSize(p + *at, n - *at) != compressed)
		return "a compressed size is wrong";
	skippable = (number(p + *at) & 0xfffffff0) == 0x184D2A50;
	if (skippable ? size != 0 : ZSTD_getFrameContentSize(p + *at, n - *at) != size)
		return "a size is wrong";
	*at += compressed;
	return NULL;
}

static const char *check_file(const uint8_t *p, size_t n, size_t *ret_frames)
{
	size_t count, table, at = 0;
	const char *problem = NULL;

	if (n < 17 || number(p + n - 4) != SEEK_TAIL || p[n - 5] != 0)
		return "no footer";
	count = number(p + n - 9);
	table = 8 * count + 17;
	if (table > n || number(p + n - table) != SEEK_MAGIC ||
	    number(p + n - table + 4) != table - 8)
		return "no table";
	for (size_t i = 0; i < count && !problem; i++)
		problem = check_frame(p, n - table, &at, p + n - table + 8 + 8 * i);
	*ret_frames = count;
	if (!problem && at != n - table)
		problem = "bytes that no entry names";
	return problem;
}

const char *stored_seek_problem(int fd, size_t *ret_frames)
{
	const char *problem;
	uint8_t *file;
	size_t n;

	fill_record(fd);
	file = stored_bytes(fd, &n);
	problem = check_file(file, n, ret_frames);
	free(file);
	return problem;
}
