/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "filter/space.h"

/* Names that mm/shmem.c, ipc/shm.c and drivers/char/mem.c give to memory without a file. */
static const char *const shared_names[] = { "/dev/zero", "/memfd:", "/SYSV" };

static bool begins(struct bytes path, const char *text)
{
	size_t n = strlen(text);

	return path.n >= n && memcmp(path.p, text, n) == 0;
}

/* fs/d_path.c, path_with_deleted(). */
static bool is_deleted(struct bytes path)
{
	static const char mark[] = " (deleted)";
	size_t n = sizeof(mark) - 1;

	return path.n >= n && memcmp(path.p + path.n - n, mark, n) == 0;
}

/* shm_open(3): while its name lives it is a file, which debuggers read in the core's stead. */
static bool is_unlinked_shm(struct bytes path)
{
	return begins(path, "/dev/shm/") && is_deleted(path);
}

/*
 * fs/hugetlbfs/inode.c, hugetlb_file_setup(): memory of MAP_HUGETLB has a name, and no file. A
 * private one is a heap like any other; a shared one is not dumped unless coredump_filter asks for it.
 */
static const char huge_name[] = "/anon_hugepage";

static enum backing backing_of_path(struct bytes path)
{
	if (begins(path, huge_name))
		return BACKING_ANONYMOUS;
	for (size_t i = 0; i < sizeof(shared_names) / sizeof(shared_names[0]); i++) {
		if (begins(path, shared_names[i]))
			return BACKING_SHARED;
	}
	return is_unlinked_shm(path) ? BACKING_SHARED : BACKING_FILE;
}

/*
 * NT_FILE has names of files that are gone, of memory (memfd_secret(2)), of the kernel's own (anon_inode:) and of
 * devices, of which each reader gets other bytes.
 */
static bool is_openable(struct bytes path)
{
	static const char *const none[] = { "/secretmem", "/dev/" };

	if (begins(path, "/dev/shm/"))
		return !is_unlinked_shm(path);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		if (begins(path, none[i]))
			return false;
	}
	return begins(path, "/") && !is_deleted(path);
}

static bool has_file(const struct notes *notes, const struct segment *s)
{
	const struct file_mapping *file = notes_file_at(notes, s->vaddr);

	return !file || is_openable(file->path);
}

static enum backing backing_of(const struct notes *notes, const struct segment *s)
{
	const struct file_mapping *file = notes_file_at(notes, s->vaddr);

	if (file)
		return backing_of_path(file->path);
	/* Without NT_FILE: text and constants are files, what can be written is memory. */
	if (!notes->has_files && !(s->flags & PF_W) && s->filesz < s->memsz)
		return BACKING_FILE;
	return BACKING_ANONYMOUS;
}

static int by_start(const void *a, const void *b)
{
	const struct area *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

void space_area(const struct notes *notes, const struct segment *s, struct area *ret)
{
	uint64_t vdso = 0;

	(void)notes_auxv(notes, AT_SYSINFO_EHDR, &vdso); /* 0: no vdso is known */
	*ret = (struct area){
		.segment = s,
		.start = s->vaddr,
		.end = s->vaddr + s->memsz,
		.content_end = s->vaddr + s->filesz,
		.backing = backing_of(notes, s),
		.has_file = has_file(notes, s) && backing_of(notes, s) == BACKING_FILE,
		.is_vdso = vdso && vdso >= s->vaddr && vdso < s->vaddr + s->memsz,
	};
}

int space_build(const struct core *core, const struct notes *notes, struct space *ret)
{
	ret->count = 0;
	ret->areas = calloc(core->count, sizeof(*ret->areas));
	if (!ret->areas)
		return -ENOMEM;
	for (size_t i = 0; i < core->count; i++) {
		const struct segment *s = &core->segments[i];

		if (s->type == PT_LOAD && s->memsz > 0)
			space_area(notes, s, &ret->areas[ret->count++]);
	}
	qsort(ret->areas, ret->count, sizeof(*ret->areas), by_start);
	return 0;
}

void space_done(struct space *space)
{
	free(space->areas);
	space->areas = NULL;
	space->count = 0;
}

const struct area *space_above(const struct space *space, uint64_t address)
{
	size_t low = 0, high = space->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address >= space->areas[middle].end)
			low = middle + 1;
		else
			high = middle;
	}
	return low < space->count ? &space->areas[low] : NULL;
}

const struct area *space_at(const struct space *space, uint64_t address)
{
	const struct area *area = space_above(space, address);

	return area && address >= area->start ? area : NULL;
}
