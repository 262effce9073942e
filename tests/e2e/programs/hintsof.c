/* SPDX-License-Identifier: MIT */
/*
 * hintsof CORE: what filter/hints.c reads out of a core, as text.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "filter/core.h"
#include "filter/hints.h"

struct file {
	const struct core *core;
	struct bytes bytes;
};

static size_t read_core(void *context, uint64_t address, void *to, size_t n)
{
	const struct file *file = context;

	for (size_t i = 0; i < file->core->count; i++) {
		const struct segment *s = &file->core->segments[i];
		uint64_t left = s->vaddr + s->filesz - address;

		if (s->type != PT_LOAD || address < s->vaddr ||
		    address - s->vaddr >= s->filesz)
			continue;
		n = n < left ? n : left;
		return bytes_copy(file->bytes, s->offset + address - s->vaddr, to, n) ? n
										      : 0;
	}
	return 0;
}

static void print(const struct hints *hints)
{
	static const char *const kinds[] = { "keep", "drop", "secret", "text" };

	printf("found %d unreadable %d problem %s\n", hints->found, hints->unreadable,
	       hints->problem ? hints->problem : "none");
	for (size_t i = 0; i < hints->count; i++) {
		const struct hint *h = &hints->hints[i];

		printf("%s 0x%llx %llu %u %s\n", kinds[h->kind],
		       (unsigned long long)h->start,
		       (unsigned long long)(h->end - h->start), h->priority, h->tag);
	}
	for (size_t i = 0; i < hints->text_count; i++)
		printf("says %s: %.*s\n", hints->texts[i].tag, (int)hints->texts[i].n,
		       (const char *)hints->texts[i].bytes);
}

int main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	struct core core;
	struct file file = { &core, { NULL, 0 } };
	const struct memory memory = { .read = read_core, .context = &file };
	struct notes notes;
	struct hints hints;
	struct stat status;
	size_t used;

	if (fd < 0 || fstat(fd, &status) < 0)
		return 2;
	file.bytes.n = (size_t)status.st_size;
	file.bytes.p = mmap(NULL, file.bytes.n, PROT_READ, MAP_PRIVATE, fd, 0);
	core_init(&core);
	if (file.bytes.p == MAP_FAILED ||
	    core_feed(&core, file.bytes.p, file.bytes.n, &used) != 1)
		return 2;
	notes_read(&core.header, core.notes, &notes);
	if (hints_read(&notes, NULL, &memory, &hints) < 0)
		return 2;
	print(&hints);
	hints_done(&hints);
	notes_done(&notes);
	core_done(&core);
	return 0;
}
