/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "held_memory.h"

#define PIECE_PAGES 256u
/* Documentation/admin-guide/mm/pagemap.rst: 63 present, 62 in swap. */
#define THERE (3ull << 62)

static int open_of(pid_t pid, const char *name)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* A line of maps: START-END PERMISSIONS OFFSET DEVICE INODE NAME */
static bool parse(char *line, struct held_mapping *ret)
{
	uint64_t inode;
	int name = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %" SCNu64 " %n",
		   &ret->start, &ret->end, &ret->offset, &inode, &name) < 4)
		return false;
	ret->file = inode != 0;
	ret->nameless = ret->file && ends_with(line, " (deleted)");
	ret->kernels = strcmp(line + name, "[vdso]") == 0;
	ret->skipped = strstr(line + name, "[vvar") || strstr(line + name, "[vsyscall");
	return true;
}

static int read_mappings(struct held_memory *held)
{
	char path[64], *line = NULL;
	size_t size = 0, room = 0;
	struct held_mapping *more;
	FILE *maps;
	int r = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)held->pid);
	maps = fopen(path, "re");
	if (!maps)
		return -errno;
	while (r == 0 && getline(&line, &size, maps) > 0) {
		if (held->count == room) {
			room = room * 2 + 64;
			more = realloc(held->mappings, room * sizeof(*more));
			if (!more) {
				r = -ENOMEM;
				break;
			}
			held->mappings = more;
		}
		if (parse(line, &held->mappings[held->count]))
			held->count++;
		else
			r = -EBADMSG;
	}
	free(line);
	(void)fclose(maps);
	return r;
}

int held_open(pid_t pid, struct held_memory *ret)
{
	int r;

	*ret = (struct held_memory){ .pid = pid };
	ret->memory = open_of(pid, "mem");
	ret->pagemap = open_of(pid, "pagemap");
	r = ret->memory < 0 ? ret->memory : ret->pagemap < 0 ? ret->pagemap : 0;
	if (r == 0)
		r = read_mappings(ret);
	if (r < 0)
		held_close(ret);
	return r;
}

void held_close(struct held_memory *held)
{
	if (held->memory >= 0)
		(void)close(held->memory);
	if (held->pagemap >= 0)
		(void)close(held->pagemap);
	free(held->mappings);
	*held = (struct held_memory){ .memory = -1, .pagemap = -1 };
}

/* Its file, without a look at what the program calls it; -1: none that can be read. */
static int open_file(const struct held_memory *held, const struct held_mapping *mapping)
{
	char path[96];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64,
		       (int)held->pid, mapping->start, mapping->end);
	/* To open a device may do something. */
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* N pages at ADDRESS, out of FD from OFFSET on; of what cannot be read nothing is told. */
static int tell(int fd, uint64_t offset, uint64_t address, size_t pages, held_sink *sink,
		void *to)
{
	static uint8_t bytes[PIECE_PAGES * HELD_PAGE];
	size_t want = pages * HELD_PAGE, done = 0;

	while (done < want) {
		ssize_t n = pread(fd, bytes, want - done, (off_t)(offset + done));
		int r;

		if (n <= 0) {
			/* A page that no access reaches, or behind the end of the file. */
			done += HELD_PAGE - done % HELD_PAGE;
			continue;
		}
		r = sink(to, address + done, bytes, (size_t)n);
		if (r < 0)
			return r;
		done += (size_t)n;
	}
	return 0;
}

int held_walk(const struct held_memory *held, const struct held_mapping *mapping,
	      uint64_t start, uint64_t end, bool in_file, held_sink *sink, void *to)
{
	uint64_t entries[PIECE_PAGES];
	int file = in_file && mapping->file ? open_file(held, mapping) : -1;
	int r = 0;

	for (uint64_t at = start; r == 0 && at < end && !mapping->skipped;) {
		size_t n = (size_t)((end - at) / HELD_PAGE), k = 1;
		bool there;

		if (n > PIECE_PAGES)
			n = PIECE_PAGES;
		if (pread(held->pagemap, entries, n * 8, (off_t)(at / HELD_PAGE * 8)) !=
		    (ssize_t)(n * 8)) {
			r = -EIO;
			break;
		}
		there = mapping->kernels || entries[0] & THERE;
		while (k < n && !mapping->kernels && !(entries[k] & THERE) == !there)
			k++;
		if (there)
			r = tell(held->memory, at, at, k, sink, to);
		else if (file >= 0)
			r = tell(file, mapping->offset + (at - mapping->start), at, k,
				 sink, to);
		at += k * HELD_PAGE;
	}
	if (file >= 0)
		(void)close(file);
	return r;
}
