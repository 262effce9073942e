/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/unit/mapped_core.h"
#include "tests/unit/table.h"

static char *map(int flags, int fd)
{
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);

	assert_true(p != MAP_FAILED);
	(void)madvise(p, SIZE, MADV_NOHUGEPAGE); /* the kernel may not have it */
	return p;
}

static void fill(char *p, size_t page)
{
	for (size_t i = 0; i < PAGE; i++)
		p[page * PAGE + i] = (char)builder_byte((uintptr_t)p + page * PAGE + i);
}

static bool is_there(size_t page)
{
	return page % 5 == 1 || (page > 10 && page < 16) || page == PAGES - 1;
}

static void fill_some(char *p)
{
	for (size_t i = 0; i < PAGES; i++) {
		if (is_there(i))
			fill(p, i);
	}
}

/* 20 pages, of which two have been changed: the rest of the mapping is behind its end. */
static char *map_file(void)
{
	int fd = memfd_create("file", MFD_CLOEXEC);
	char *p;

	assert_int_equal(ftruncate(fd, SIZE), 0);
	p = map(MAP_SHARED, fd);
	for (size_t i = 0; i < PAGES; i++)
		fill(p, i);
	assert_int_equal(munmap(p, SIZE), 0);
	p = map(MAP_PRIVATE, fd);
	fill(p, 3);
	fill(p, 30);
	assert_int_equal(ftruncate(fd, SIZE / 2), 0);
	close(fd);
	return p;
}

static void add(struct mapped_core *f, const char *p, const char *path)
{
	uint64_t start = (uintptr_t)p;

	builder_load(&f->b, start, SIZE, SIZE, PF_R | PF_W);
	if (path)
		builder_file(&f->b, start, start + SIZE, 0, path);
}

static bool is_expected(const struct mapped_core *f, const char *p, size_t page)
{
	/* behind the file's end nothing can be read, changed or not */
	return p == f->file ? page < PAGES / 2 : is_there(page);
}

/* What the kernel would write: zeros for what is not there or cannot be read. */
static void expect(struct mapped_core *f)
{
	for (size_t i = 0; i < f->core.count; i++) {
		const struct segment *s = &f->core.segments[i];
		const char *p = (const char *)(uintptr_t)s->vaddr;
		uint8_t *to = f->expected + (s->offset - f->core.data_start);

		for (size_t at = 0; s->type == PT_LOAD && at < SIZE; at++) {
			if (!is_expected(f, p, at / PAGE))
				continue;
			to[at] = p == f->hidden ? builder_byte(s->vaddr + at)
						: (uint8_t)p[at];
		}
	}
}

int mapped_set_up(void **state)
{
	struct mapped_core *f = calloc(1, sizeof(*f));

	*state = f;
	assert_non_null(f);
	f->anonymous = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	f->hidden = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	f->shared = map(MAP_SHARED | MAP_ANONYMOUS, -1);
	f->file = map_file();
	fill_some(f->anonymous);
	fill_some(f->hidden);
	fill_some(f->shared);
	assert_int_equal(mprotect(f->hidden, SIZE, PROT_NONE), 0);
	builder_init(&f->b, EM_X86_64);
	builder_thread(&f->b, 7, 0, 0, 0);
	add(f, f->anonymous, NULL);
	add(f, f->hidden, NULL);
	/* by address, as the kernel has them: the last that was mapped comes first */
	add(f, f->file, "/some/file");
	add(f, f->shared, "/dev/zero (deleted)");
	assert_true(f->file < f->shared);
	builder_files(&f->b);
	f->b.headers_only = true;
	f->core_bytes = builder_build(&f->b);
	core_init(&f->core);
	assert_int_equal(built_feed(&f->core_bytes, 4096, &f->core), 1);
	notes_read(&f->core.header, f->core.notes, &f->notes);
	f->expected_n = (size_t)(f->core.size - f->core.data_start);
	f->expected = calloc(1, f->expected_n);
	assert_non_null(f->expected);
	expect(f);
	f->mem_fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	f->pagemap_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	assert_int_equal(source_memory_open(f->mem_fd, f->pagemap_fd, &f->core, &f->notes,
					    NULL, &f->memory),
			 0);
	return 0;
}

int mapped_tear_down(void **state)
{
	struct mapped_core *f = *state;

	source_memory_close(f->memory);
	close(f->mem_fd);
	close(f->pagemap_fd);
	munmap(f->anonymous, SIZE);
	munmap(f->hidden, SIZE);
	munmap(f->shared, SIZE);
	munmap(f->file, SIZE);
	notes_done(&f->notes);
	core_done(&f->core);
	built_done(&f->core_bytes);
	builder_done(&f->b);
	free(f->expected);
	free(f);
	return 0;
}

uint64_t mapped_offset(const struct core *core, const char *p)
{
	for (size_t i = 0; i < core->count; i++) {
		const struct segment *s = &core->segments[i];

		if (s->type == PT_LOAD && s->vaddr <= (uintptr_t)p &&
		    (uintptr_t)p - s->vaddr < s->filesz)
			return s->offset + ((uintptr_t)p - s->vaddr);
	}
	fail();
	return 0;
}

struct plan mapped_plan(const struct core *core)
{
	return (struct plan){
		.verbatim = true,
		.header_size = (size_t)core->data_start,
		.size = core->size,
	};
}
