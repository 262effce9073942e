/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>

#include "base/io.h"
#include "handler/process_memory.h"
#include "handler/source.h"

/* fs/pipe.c: the default for what an unprivileged process may ask, 16 times the default. */
#define PIPE_SIZE (1 << 20)

int source_open(int fd, struct source *ret)
{
	*ret = (struct source){ .fd = fd, .status_fd = -1 };
	ret->chunk = malloc(SOURCE_CHUNK);
	if (!ret->chunk)
		return -ENOMEM;
	return 0;
}

void source_widen(const struct source *source)
{
	/* a file, or refused: only slower */
	(void)fcntl(source->fd, F_SETPIPE_SZ, PIPE_SIZE);
}

int source_open_at(source_pread pread, void *context, uint64_t size, struct source *ret)
{
	*ret = (struct source){
		.fd = -1,
		.status_fd = -1,
		.pread = pread,
		.context = context,
		.size = size,
		.chunk = malloc(SOURCE_CHUNK),
	};
	return ret->chunk ? 0 : -ENOMEM;
}

/* Another thread may be reading: it finds that the stream is gone. */
void source_release(struct source *source)
{
	int fd = __atomic_exchange_n(&source->fd, -1, __ATOMIC_RELAXED);

	if (fd >= 0)
		(void)close(fd); /* read only */
}

static int stream_of(const struct source *source)
{
	return __atomic_load_n(&source->fd, __ATOMIC_RELAXED);
}

void source_close(struct source *source)
{
	free(source->chunk);
	source->chunk = NULL;
	source_release(source);
}

void source_use_memory(struct source *source, const struct source_memory *memory)
{
	source->memory = memory;
	source->stream_at = source->position;
}

int source_believe(const struct source *source)
{
	const struct source_memory *memory = source->memory;
	int r;

	if (source->status_fd < 0 || !memory)
		return 0;
	r = stream_of(source) >= 0 ? process_memory_held(source->status_fd) : -ESRCH;
	/* it is not held any more, because it was released, or it was killed before */
	if (r < 0 && stream_of(source) < 0)
		r = source_memory_whole(memory);
	return r;
}

bool source_is_file(const struct source *source)
{
	uint64_t taken = source->position + (source->chunk_end - source->chunk_at);
	/* Not fstat(2), whose system call takes names, too. A device without end is always at 0. */
	return taken > 0 && lseek(source->fd, 0, SEEK_CUR) == (off_t)taken;
}

static ssize_t read_stream(int fd, uint8_t *p, size_t n)
{
	ssize_t r;

	do {
		r = read(fd, p, n);
	} while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r;
}

/* The stream was released while memory still could be had, and then could not: that is why. */
static int why(struct source *source, int error)
{
	if (error != -EBADF || !source->memory_error)
		return error;
	error = source->memory_error;
	source->memory_error = 0; /* nothing came through the pipe */
	return error;
}

/* One read, as much as is there. Nothing is left in the chunk: position is the next byte's. */
static ssize_t read_some(struct source *source, uint8_t *p, size_t n)
{
	ssize_t r;

	if (source->error || source->ended)
		return source->error;
	if (source->pread)
		r = source->pread(source->context, p, n, source->position);
	else
		r = read_stream(stream_of(source), p, n);
	if (r < 0)
		source->error = why(source, (int)r);
	source->ended = r == 0;
	return r < 0 ? source->error : r;
}

ssize_t source_peek(struct source *source, const uint8_t **ret)
{
	if (source->chunk_at == source->chunk_end) {
		ssize_t r = read_some(source, source->chunk, SOURCE_CHUNK);

		if (r <= 0)
			return r;
		source->chunk_at = 0;
		source->chunk_end = (size_t)r;
	}
	*ret = source->chunk + source->chunk_at;
	return (ssize_t)(source->chunk_end - source->chunk_at);
}

static void move(struct source *source, uint64_t n)
{
	source->position += n;
	__atomic_store_n(&source->received, source->received + n, __ATOMIC_RELAXED);
}

void source_take(struct source *source, size_t n)
{
	source->chunk_at += n;
	move(source, n);
}

/* What was peeked and not taken comes first. */
static size_t read_chunk(struct source *source, uint8_t *p, size_t n)
{
	size_t there = source->chunk_end - source->chunk_at;

	if (there > n)
		there = n;
	if (there == 0)
		return 0;
	__builtin_memcpy(p, source->chunk + source->chunk_at, there);
	source_take(source, there);
	return there;
}

static ssize_t read_stream_full(struct source *source, uint8_t *p, size_t n)
{
	size_t done = read_chunk(source, p, n);

	while (done < n) {
		ssize_t r = read_some(source, p + done, n - done);

		if (r < 0)
			return r;
		if (r == 0)
			break;
		move(source, (uint64_t)r);
		done += (size_t)r;
	}
	return (ssize_t)done;
}

/* The same without reading what nobody wants. */
static int skip_at(struct source *source, uint64_t position)
{
	uint64_t to = position < source->size ? position : source->size;
	uint64_t there = source->chunk_end - source->chunk_at;

	if (to >= source->position && to - source->position <= there)
		source->chunk_at += (size_t)(to - source->position);
	else
		source->chunk_at = source->chunk_end = 0;
	source->position = to;
	source->ended = false;
	return source->position >= position;
}

static int skip_stream(struct source *source, uint64_t position)
{
	while (source->position < position) {
		uint64_t left = position - source->position;
		const uint8_t *p;
		ssize_t n = source_peek(source, &p);

		if (n <= 0)
			return (int)n;
		source_take(source, (uint64_t)n < left ? (size_t)n : (size_t)left);
	}
	return 1;
}

/*
 * Memory cannot be had any more: the stream, if it was not released, is read over what memory gave,
 * unless that was not all that comes before. As source_skip().
 */
static int leave_memory(struct source *source, int error)
{
	uint64_t position = source->position;

	source->memory = NULL;
	if (stream_of(source) < 0) {
		source->error = error;
		return error;
	}
	source->memory_error = error;
	source_widen(source);
	source->position = source->stream_at;
	return source->jumps ? 0 : skip_stream(source, position);
}

bool source_has_left_memory(const struct source *source)
{
	return source->memory_error && !source->memory && !source->error;
}

ssize_t source_read(struct source *source, uint8_t *p, size_t n)
{
	if (source->memory) {
		ssize_t got = source_memory_read(source->memory, p, n, source->position);
		int r;

		if (got >= 0) {
			r = source_believe(source);
			got = r < 0 ? r : got;
		}
		if (got >= 0) {
			source->position += (uint64_t)got;
			source->from_memory += (uint64_t)got;
			return got;
		}
		r = leave_memory(source, (int)got);
		if (r <= 0)
			return r;
	}
	return read_stream_full(source, p, n);
}

uint64_t source_hole(const struct source *source, uint64_t n)
{
	return source->memory ? source_memory_hole(source->memory, source->position, n)
			      : 0;
}

int source_skip(struct source *source, uint64_t position)
{
	if (source->pread)
		return skip_at(source, position);
	if (!source->memory)
		return skip_stream(source, position);
	source->position = position;
	return 1;
}

ssize_t source_read_at(const struct source *source, void *p, size_t n, uint64_t offset)
{
	if (source->pread)
		return source->pread(source->context, p, n, offset);
	return io_pread_full(source->fd, p, n, offset);
}
