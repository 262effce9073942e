/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "snapshot_core.h"

/* The kernel writes while this waits: notes of a thousand threads take it milliseconds. */
#define PATIENCE_MSEC 10000
#define PAUSE_MSEC    2
/* A pipe that has not grown for so long is full. */
#define FULL_PAUSES 10
/* /proc/sys/fs/pipe-max-size as it is; CAP_SYS_RESOURCE may have more. */
#define NOTES_MAX (64u << 20)

struct segment {
	uint64_t offset, address, size;
};

/* The beginning of the core, both classes read alike. */
struct beginning {
	uint8_t *bytes;
	size_t size;
	bool is_64;
	bool extended; /* more headers than e_phnum can say, see elf(5) at PN_XNUM */
	uint64_t headers, sections;
	size_t count, each;
};

/* All that the pipe has now, of which it loses nothing. */
static int copy_out(int pipe, struct beginning *core)
{
	int size = fcntl(pipe, F_GETPIPE_SZ), through[2];
	ssize_t n;

	if (size < 0 || pipe2(through, O_CLOEXEC) < 0)
		return -errno;
	n = fcntl(through[0], F_SETPIPE_SZ, size);
	if (n >= 0)
		n = tee(pipe, through[1], (size_t)size, SPLICE_F_NONBLOCK);
	if (n < 0)
		n = errno == EAGAIN ? 0 : -errno;
	(void)close(through[1]);
	core->size = 0;
	while (core->size < (size_t)n && n > 0) {
		ssize_t got = read(through[0], core->bytes + core->size,
				   (size_t)n - core->size);

		if (got <= 0)
			break;
		core->size += (size_t)got;
	}
	(void)close(through[0]);
	return n < 0 ? (int)n : 0;
}

static uint32_t segment_at(const struct beginning *core, size_t i, struct segment *ret)
{
	const uint8_t *at = core->bytes + core->headers + i * core->each;

	if (core->is_64) {
		Elf64_Phdr header;

		memcpy(&header, at, sizeof(header));
		*ret = (struct segment){ header.p_offset, header.p_vaddr,
					 header.p_filesz };
		return header.p_type;
	}
	Elf32_Phdr header;

	memcpy(&header, at, sizeof(header));
	*ret = (struct segment){ header.p_offset, header.p_vaddr, header.p_filesz };
	return header.p_type;
}

static void read_header(struct beginning *core)
{
	core->is_64 = core->bytes[EI_CLASS] == ELFCLASS64;
	if (core->is_64) {
		Elf64_Ehdr header;

		memcpy(&header, core->bytes, sizeof(header));
		core->headers = header.e_phoff;
		core->count = header.e_phnum;
		core->sections = header.e_shoff;
		core->each = sizeof(Elf64_Phdr);
	} else {
		Elf32_Ehdr header;

		memcpy(&header, core->bytes, sizeof(header));
		core->headers = header.e_phoff;
		core->count = header.e_phnum;
		core->sections = header.e_shoff;
		core->each = sizeof(Elf32_Phdr);
	}
}

/* All headers are there. */
static bool known(struct beginning *core)
{
	struct segment notes;

	if (core->size < sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) ||
	    memcmp(core->bytes, ELFMAG, SELFMAG) != 0)
		return false;
	read_header(core);
	core->extended = core->count == PN_XNUM;
	/* Their number is at the end of the core; but notes come right behind them. */
	if (core->extended) {
		(void)segment_at(core, 0, &notes);
		core->count = (size_t)((notes.offset - core->headers) / core->each);
	}
	return core->headers + core->count * core->each <= core->size;
}

/* Where headers and notes end; 0: not all headers are there. */
static uint64_t notes_end(struct beginning *core)
{
	struct segment segment;

	for (size_t i = 0; known(core) && i < core->count; i++) {
		if (segment_at(core, i, &segment) == PT_NOTE)
			return segment.offset + segment.size;
	}
	return 0;
}

/*
 * No wider than it takes: with core_pipe_limit 0 the kernel lets the process go once all of its core is in
 * the pipe.
 */
static int widen(int pipe)
{
	int size = fcntl(pipe, F_GETPIPE_SZ);

	if (size < 0 || fcntl(pipe, F_SETPIPE_SZ, 2 * size) < 0)
		return errno == EPERM ? -E2BIG : -errno;
	return 0;
}

static int read_beginning(int pipe, struct beginning *core)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MSEC * 1000000L };
	size_t before = 0;
	int r = 0, same = 0;

	core->bytes = malloc(NOTES_MAX);
	if (!core->bytes)
		return -ENOMEM;
	for (int i = 0; r == 0 && i < PATIENCE_MSEC / PAUSE_MSEC; i++) {
		uint64_t end;

		r = copy_out(pipe, core);
		end = r < 0 ? 0 : notes_end(core);
		if (end > 0 && end <= core->size) {
			core->size = (size_t)end;
			return 0;
		}
		same = core->size == before ? same + 1 : 0;
		before = core->size;
		if (r == 0 && same == FULL_PAUSES)
			r = widen(pipe);
		(void)nanosleep(&pause, NULL);
	}
	return r < 0 ? r : -ETIMEDOUT;
}

struct output {
	int fd;
	size_t mapping; /* of the segment before: both are in the order of addresses */
	struct segment segment;
};

static int write_all(int fd, const void *bytes, size_t n, uint64_t offset)
{
	for (size_t done = 0; done < n;) {
		ssize_t w = pwrite(fd, (const uint8_t *)bytes + done, n - done,
				   (off_t)(offset + done));

		if (w < 0)
			return -errno;
		done += (size_t)w;
	}
	return 0;
}

static int write_piece(void *to, uint64_t address, const void *bytes, size_t n)
{
	const struct output *out = to;

	return write_all(out->fd, bytes, n,
			 out->segment.offset + (address - out->segment.address));
}

/* A segment is one mapping, or the beginning of one. */
static int write_segment(const struct held_memory *held, struct output *out)
{
	const struct segment *segment = &out->segment;

	for (; out->mapping < held->count; out->mapping++) {
		const struct held_mapping *mapping = &held->mappings[out->mapping];

		if (mapping->start <= segment->address &&
		    segment->address + segment->size <= mapping->end)
			return held_walk(held, mapping, segment->address,
					 segment->address + segment->size, true,
					 write_piece, out);
	}
	return -ENXIO;
}

/* Section 0, which has their number. */
static int write_section(const struct beginning *core, int fd)
{
	Elf64_Shdr section = { .sh_size = 1, .sh_info = (uint32_t)core->count };
	Elf32_Shdr section_32 = { .sh_size = 1, .sh_info = (uint32_t)core->count };

	return core->is_64
		       ? write_all(fd, &section, sizeof(section), core->sections)
		       : write_all(fd, &section_32, sizeof(section_32), core->sections);
}

static int write_core(const struct held_memory *held, const struct beginning *core,
		      int fd)
{
	struct output out = { .fd = fd };
	uint64_t end = core->size;
	int r = write_all(fd, core->bytes, core->size, 0);

	for (size_t i = 0; r == 0 && i < core->count; i++) {
		if (segment_at(core, i, &out.segment) != PT_LOAD || out.segment.size == 0)
			continue;
		r = write_segment(held, &out);
		if (out.segment.offset + out.segment.size > end)
			end = out.segment.offset + out.segment.size;
	}
	if (r == 0 && ftruncate(fd, (off_t)end) < 0)
		r = -errno;
	return r == 0 && core->extended ? write_section(core, fd) : r;
}

/*
 * The handler's times are measured next. Without this they would have in them that the core is still being written to
 * the disk, and that its bytes in the page cache take the memory that is quickest to get.
 */
static int leave_memory(int fd)
{
	int error;

	if (fsync(fd) < 0)
		return -errno;
	error = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return -error;
}

int snapshot_core(const struct held_memory *held, int pipe, const char *path)
{
	struct beginning core = { 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int r = fd < 0 ? -errno : read_beginning(pipe, &core);

	if (r == 0)
		r = write_core(held, &core, fd);
	if (r == 0)
		r = leave_memory(fd);
	if (fd >= 0)
		(void)close(fd);
	free(core.bytes);
	return r;
}
