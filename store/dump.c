/* SPDX-License-Identifier: MIT */
/*
 * Opens a stored dump and takes its frames apart, one after the other as its seek table
 * names them. Every frame must begin, end and come out exactly as the table says.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "base/io.h"
#include "store/dump.h"
#include "store/frame.h"
#include "store/seek.h"

/* A stretch without memory is at least this long: what a file system can leave out. */
#define PAGE 4096

/* A multiple of PAGE, and what zstd gives out at once (ZSTD_DStreamOutSize). */
#define OUTPUT_SIZE (128 * 1024)
#define INPUT_SIZE  (128 * 1024)

struct dump {
	int fd;
	uint64_t size; /* of the file when it was opened */
	struct record record;
};

/* One extraction on its way. */
struct extraction {
	const struct dump *dump;
	ZSTD_DCtx *context;
	dump_sink sink;
	void *sink_context;
	const char *reason;
	uint64_t done; /* bytes that the sink has */
	uint64_t limit; /* bytes that it may get */
	uint64_t input_offset; /* of input[0] in the file */
	size_t input_n;
	size_t output_n;
	uint8_t input[INPUT_SIZE];
	uint8_t output[OUTPUT_SIZE];
};

static int open_regular(int dirfd, const char *name, struct dump *dump)
{
	struct stat st;

	if (name[0] == '\0' || strchr(name, '/'))
		return -EINVAL;
	/* O_NONBLOCK: a FIFO that somebody left here must not hold us. */
	dump->fd = openat(dirfd, name,
			  O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (dump->fd < 0)
		return errno == ELOOP || errno == ENXIO ? -EBADMSG : -errno;
	if (fstat(dump->fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EBADMSG;
	dump->size = (uint64_t)st.st_size;
	return 0;
}

static int read_record(struct dump *dump)
{
	uint8_t frame[FRAME_RECORD_SIZE];
	const char *json = (const char *)frame + FRAME_SKIPPABLE_HEADER;
	ssize_t n = io_pread_full(dump->fd, frame, sizeof(frame), 0);

	if (n < 0)
		return (int)n;
	if (n != sizeof(frame) || frame_get_le32(frame) != FRAME_RECORD_MAGIC ||
	    frame_get_le32(frame + 4) != FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER)
		return -EBADMSG;
	return record_from_json(json,
				strnlen(json, sizeof(frame) - FRAME_SKIPPABLE_HEADER),
				&dump->record);
}

int dump_open(int dirfd, const char *name, struct dump **ret)
{
	_cleanup_dump_ struct dump *dump = calloc(1, sizeof(*dump));
	int r;

	if (!dump)
		return -ENOMEM;
	dump->fd = -1;
	record_init(&dump->record);
	r = open_regular(dirfd, name, dump);
	if (r < 0)
		return r;
	r = read_record(dump);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(dump);
	return 0;
}

void dump_close(struct dump *dump)
{
	if (!dump)
		return;
	cleanup_fd(&dump->fd);
	record_done(&dump->record);
	free(dump);
}

const struct record *dump_record(const struct dump *dump)
{
	return &dump->record;
}

uint64_t dump_file_size(const struct dump *dump)
{
	return dump->size;
}

int dump_fd(const struct dump *dump)
{
	return dump->fd;
}

static int refuse(int error, const char *reason, const char **ret_reason)
{
	if (ret_reason)
		*ret_reason = reason;
	return error;
}

int dump_check(const struct dump *dump, const char **ret_reason)
{
	struct seek_table table;
	const char *reason = NULL;
	int r;

	if (dump->record.size_dump < 0)
		return refuse(-EBADMSG, "its record does not say how long it is",
			      ret_reason);
	r = seek_table_open(dump->fd, dump->size, &table, &reason);
	if (r == 0)
		r = seek_table_check(&table, (uint64_t)dump->record.size_dump, &reason);
	return refuse(r, reason, ret_reason);
}

static bool is_zero(const uint8_t *p, size_t n)
{
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

/* Bytes at p, n at most, that are all zeros or all to be written; n > 0. */
static size_t run_length(const uint8_t *p, size_t n, bool zero)
{
	size_t run = 0;

	while (run + PAGE <= n && is_zero(p + run, PAGE) == zero)
		run += PAGE;
	return !zero && n - run < PAGE ? n : run;
}

/* Hand out what is in the output buffer, whole pages of zeros as holes. */
static int flush(struct extraction *x)
{
	size_t at = 0;

	while (at < x->output_n) {
		size_t left = x->output_n - at;
		const uint8_t *p = x->output + at;
		bool zero = left >= PAGE && is_zero(p, PAGE);
		size_t run = run_length(p, left, zero);
		int r = x->sink(x->sink_context, zero ? NULL : p, run);

		if (r < 0)
			return refuse(r, NULL, &x->reason);
		at += run;
		x->done += run;
	}
	x->output_n = 0;
	return 0;
}

/* What the file has at offset, up to end; *ret_n > 0. */
static int input_at(struct extraction *x, uint64_t offset, uint64_t end,
		    const uint8_t **ret, size_t *ret_n)
{
	size_t skip;

	if (offset < x->input_offset || offset - x->input_offset >= x->input_n) {
		ssize_t n =
			io_pread_full(x->dump->fd, x->input, sizeof(x->input), offset);

		if (n < 0)
			return refuse((int)n, "it cannot be read", &x->reason);
		if (n == 0)
			return refuse(-ENODATA, "it was cut while it was read",
				      &x->reason);
		x->input_offset = offset;
		x->input_n = (size_t)n;
	}
	skip = (size_t)(offset - x->input_offset);
	*ret = x->input + skip;
	*ret_n = x->input_n - skip;
	if (*ret_n > end - offset)
		*ret_n = (size_t)(end - offset);
	return 0;
}

/*
 * Skippable frames come from us or from a later version: nothing in them is memory. Other
 * frames must be zstd's present format; the library would read its ancient ones as well.
 */
static int frame_kind(struct extraction *x, const struct seek_frame *frame,
		      bool *ret_skip)
{
	uint8_t magic[4];
	ssize_t n;

	if (frame->compressed < sizeof(magic))
		return refuse(-EBADMSG, "a frame is damaged", &x->reason);
	n = io_pread_full(x->dump->fd, magic, sizeof(magic), frame->offset);
	if (n != sizeof(magic))
		return refuse(n < 0 ? (int)n : -ENODATA, "it cannot be read", &x->reason);
	*ret_skip = (frame_get_le32(magic) & ZSTD_MAGIC_SKIPPABLE_MASK) ==
		    ZSTD_MAGIC_SKIPPABLE_START;
	if (*ret_skip ? frame->size != 0 : frame_get_le32(magic) != ZSTD_MAGICNUMBER)
		return refuse(-EBADMSG, "a frame is damaged", &x->reason);
	return 0;
}

static int zstd_failed(struct extraction *x, size_t code)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_memory_allocation:
		return refuse(-ENOMEM, "there is no memory to decompress it", &x->reason);
	case ZSTD_error_frameParameter_windowTooLarge:
		return refuse(-EBADMSG, "it asks for more memory than a dump needs",
			      &x->reason);
	case ZSTD_error_checksum_wrong:
		return refuse(-EBADMSG, "it is corrupted: a checksum is wrong",
			      &x->reason);
	default:
		return refuse(-EBADMSG, "it is corrupted: a frame cannot be decompressed",
			      &x->reason);
	}
}

/*
 * One call of zstd. *offset moves over what it took, *left over what it gave. Return: 1 to
 * go on, 0 at the end of the frame, negative errno.
 */
static int decompress_some(struct extraction *x, uint64_t *offset, uint64_t end,
			   uint64_t *left)
{
	ZSTD_outBuffer out = { x->output, sizeof(x->output), x->output_n };
	ZSTD_inBuffer in = { NULL, 0, 0 };
	const uint8_t *p = NULL;
	size_t code;
	int r;

	/* At the frame's end zstd may still have bytes to give. */
	if (*offset < end) {
		r = input_at(x, *offset, end, &p, &in.size);
		if (r < 0)
			return r;
		in.src = p;
	}
	code = ZSTD_decompressStream(x->context, &out, &in);
	if (ZSTD_isError(code))
		return zstd_failed(x, code);
	if (out.pos - x->output_n > *left)
		return refuse(-EBADMSG, "a frame is longer than the seek table says",
			      &x->reason);
	if (code != 0 && in.pos == 0 && out.pos == x->output_n)
		return refuse(-EBADMSG, "it is corrupted: a frame has no end",
			      &x->reason);
	*left -= out.pos - x->output_n;
	*offset += in.pos;
	x->output_n = out.pos;
	return code != 0;
}

static int extract_frame(struct extraction *x, const struct seek_frame *frame)
{
	uint64_t offset = frame->offset, end = offset + frame->compressed;
	uint64_t left = frame->size;
	int r;

	if (frame->size > x->limit - x->done - x->output_n)
		return refuse(-EBADMSG, "it is longer than its record says", &x->reason);
	do {
		r = decompress_some(x, &offset, end, &left);
		if (r >= 0 && x->output_n == sizeof(x->output)) {
			int flushed = flush(x);

			r = flushed < 0 ? flushed : r;
		}
	} while (r > 0);
	if (r < 0)
		return r;
	if (offset != end || left != 0)
		return refuse(-EBADMSG, "a frame ends before the seek table says so",
			      &x->reason);
	return 0;
}

static int extract_frames(struct extraction *x, const struct seek_table *table)
{
	struct seek_cursor cursor;
	struct seek_frame frame;
	int r;

	seek_start(&cursor, table);
	while ((r = seek_next(&cursor, &frame)) > 0) {
		bool skip = false;

		r = frame_kind(x, &frame, &skip);
		if (r == 0 && !skip)
			r = extract_frame(x, &frame);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return refuse(r, "its frames and its seek table do not agree",
			      &x->reason);
	r = flush(x);
	if (r == 0 && x->done != x->limit)
		return refuse(-EBADMSG, "it is shorter than its record says", &x->reason);
	return r;
}

static struct extraction *extraction_new(const struct dump *dump, dump_sink sink,
					 void *context)
{
	struct extraction *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->dump = dump;
	x->sink = sink;
	x->sink_context = context;
	x->limit = (uint64_t)dump->record.size_dump;
	x->context = ZSTD_createDCtx();
	if (!x->context ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(x->context, ZSTD_d_windowLogMax,
						FRAME_WINDOW_LOG_MAX))) {
		ZSTD_freeDCtx(x->context);
		free(x);
		return NULL;
	}
	return x;
}

int dump_extract(struct dump *dump, dump_sink sink, void *context,
		 const char **ret_reason)
{
	struct seek_table table;
	struct extraction *x;
	const char *reason;
	int r = dump_check(dump, ret_reason);

	/* Nothing goes out of a file that is known to be cut. */
	if (r == 0)
		r = seek_table_open(dump->fd, dump->size, &table, &reason);
	if (r < 0)
		return r;
	x = extraction_new(dump, sink, context);
	if (!x)
		return refuse(-ENOMEM, "there is no memory to decompress it", ret_reason);
	r = extract_frames(x, &table);
	(void)refuse(r, x->reason, ret_reason);
	ZSTD_freeDCtx(x->context);
	free(x);
	return r;
}
