/* SPDX-License-Identifier: MIT */
/*
 * The address space out of program headers: what backs an area, and lookups.
 */
#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "filter/space.h"

struct fixture {
	struct core_builder b;
	struct built file;
	struct core core;
	struct notes notes;
	struct space space;
};

static void set_up(struct fixture *f)
{
	f->file = builder_build(&f->b);
	core_init(&f->core);
	assert_int_equal(built_feed(&f->file, f->file.n, &f->core), 1);
	notes_read(&f->core.header, f->core.notes, &f->notes);
	assert_int_equal(space_build(&f->core, &f->notes, &f->space), 0);
}

static void tear_down(struct fixture *f)
{
	space_done(&f->space);
	notes_done(&f->notes);
	core_done(&f->core);
	built_done(&f->file);
	builder_done(&f->b);
}

struct backed {
	const char *name;
	const char *path; /* of the file at the area's beginning; NULL: none there */
	const char *elsewhere; /* of a file somewhere else; NULL: there is none */
	uint32_t flags;
	uint64_t filesz; /* of 0x2000 */
	enum backing backing;
};

#define RW (PF_R | PF_W)
#define RX (PF_R | PF_X)

static const struct backed backings[] = {
	{ "a library", "/usr/lib/x.so", NULL, RX, 0, BACKING_FILE },
	{ "a library's data", "/usr/lib/x.so", NULL, RW, 0x2000, BACKING_FILE },
	{ "a deleted file", "/tmp/x (deleted)", NULL, RW, 0x2000, BACKING_FILE },
	{ "a path without a slash", "x", NULL, RW, 0x2000, BACKING_FILE },
	{ "an empty path", "", NULL, RW, 0x2000, BACKING_FILE },
	{ "/dev/zero", "/dev/zero", NULL, RW, 0x2000, BACKING_SHARED },
	{ "/dev/zero, deleted", "/dev/zero (deleted)", NULL, RW, 0x2000, BACKING_SHARED },
	{ "a memfd", "/memfd:x (deleted)", NULL, RW, 0x2000, BACKING_SHARED },
	{ "SysV", "/SYSV00000000 (deleted)", NULL, RW, 0x2000, BACKING_SHARED },
	{ "POSIX, a file", "/dev/shm/x", NULL, RW, 0x2000, BACKING_FILE },
	{ "POSIX, unlinked", "/dev/shm/x (deleted)", NULL, RW, 0x2000, BACKING_SHARED },
	{ "huge pages", "/anon_hugepage (deleted)", NULL, RW, 0x2000, BACKING_ANONYMOUS },
	{ "nearly a memfd", "/memfd", NULL, RW, 0x2000, BACKING_FILE },
	{ "a memfd below a directory", "/x/memfd:", NULL, RW, 0x2000, BACKING_FILE },
	{ "anonymous", NULL, "/usr/lib/x.so", RW, 0x2000, BACKING_ANONYMOUS },
	{ "anonymous, not dumped", NULL, "/usr/lib/x.so", RW, 0, BACKING_ANONYMOUS },
	{ "anonymous, read only", NULL, "/usr/lib/x.so", PF_R, 0, BACKING_ANONYMOUS },
	{ "no NT_FILE: writable", NULL, NULL, RW, 0x1000, BACKING_ANONYMOUS },
	{ "no NT_FILE: text", NULL, NULL, RX, 0x1000, BACKING_FILE },
	{ "no NT_FILE: constants", NULL, NULL, PF_R, 0, BACKING_FILE },
	{ "no NT_FILE: text that was kept whole", NULL, NULL, RX, 0x2000,
	  BACKING_ANONYMOUS },
};

static void test_backing(void **state)
{
	const struct backed *row = *state;
	struct fixture f;

	builder_init(&f.b, EM_X86_64);
	builder_load(&f.b, 0x10000, row->filesz, 0x2000, row->flags);
	if (row->path)
		builder_file(&f.b, 0x10000, 0x12000, 0, row->path);
	if (row->elsewhere)
		builder_file(&f.b, 0x50000, 0x52000, 0, row->elsewhere);
	if (f.b.file_count)
		builder_files(&f.b);
	set_up(&f);
	assert_int_equal(f.space.count, 1);
	assert_int_equal(f.space.areas[0].backing, row->backing);
	assert_int_equal(f.space.areas[0].start, 0x10000);
	assert_int_equal(f.space.areas[0].end, 0x12000);
	assert_int_equal(f.space.areas[0].content_end, 0x10000 + row->filesz);
	assert_false(f.space.areas[0].is_vdso);
	tear_down(&f);
}

struct vdso {
	const char *name;
	uint64_t address; /* of AT_SYSINFO_EHDR */
	bool vdso;
};

static const struct vdso vdsos[] = {
	{ "at the beginning", 0x10000, true },
	{ "last byte", 0x11fff, true },
	{ "behind", 0x12000, false },
	{ "before", 0xffff, false },
	{ "zero", 0, false },
	{ "largest", UINT64_MAX, false },
};

static void test_vdso(void **state)
{
	const struct vdso *row = *state;
	const uint64_t pairs[][2] = { { AT_SYSINFO_EHDR, row->address } };
	struct fixture f;

	builder_init(&f.b, EM_X86_64);
	builder_auxv(&f.b, pairs, 1);
	builder_load(&f.b, 0x10000, 0x2000, 0x2000, RX);
	set_up(&f);
	assert_int_equal(f.space.areas[0].is_vdso, row->vdso);
	tear_down(&f);
}

struct lookup {
	const char *name;
	uint64_t address;
	int at, above; /* index of the area; -1: none */
};

/* Areas: 0x10000-0x12000, 0x12000-0x13000, 0x20000-0x21000, the last page but one. */
static const struct lookup lookups[] = {
	{ "zero", 0, -1, 0 },
	{ "before the first", 0xffff, -1, 0 },
	{ "first byte", 0x10000, 0, 0 },
	{ "last byte", 0x11fff, 0, 0 },
	{ "the next touches", 0x12000, 1, 1 },
	{ "in a gap", 0x13000, -1, 2 },
	{ "end of the gap", 0x1ffff, -1, 2 },
	{ "behind the gap", 0x20000, 2, 2 },
	{ "last area", UINT64_MAX - 0x1000, 3, 3 },
	{ "behind the last", UINT64_MAX, -1, -1 },
};

static void test_lookup(void **state)
{
	const struct lookup *row = *state;
	struct fixture f;

	builder_init(&f.b, EM_X86_64);
	builder_load(&f.b, UINT64_MAX - 0x1fff, 0x1000, 0x1000, RW);
	builder_load(&f.b, 0x12000, 0, 0x1000, RW);
	builder_load(&f.b, 0x18000, 0, 0, RW); /* empty: no area */
	builder_load(&f.b, 0x20000, 0x1000, 0x1000, RW);
	builder_load(&f.b, 0x10000, 0x1000, 0x2000, RW);
	set_up(&f);
	assert_int_equal(f.space.count, 4);
	assert_ptr_equal(space_at(&f.space, row->address),
			 row->at < 0 ? NULL : &f.space.areas[row->at]);
	assert_ptr_equal(space_above(&f.space, row->address),
			 row->above < 0 ? NULL : &f.space.areas[row->above]);
	tear_down(&f);
}

int main(void)
{
	int failed = RUN_TABLE(backings, test_backing);

	failed += RUN_TABLE(vdsos, test_vdso);
	failed += RUN_TABLE(lookups, test_lookup);
	return failed;
}
