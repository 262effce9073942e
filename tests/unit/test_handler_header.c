/* SPDX-License-Identifier: MIT */
/*
 * Notes behind memory, as of a core that no kernel wrote: they are read where they are, and take no memory
 * where they are not.
 */
#include <elf.h>
#include <string.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#include "handler/header.h"

/* Far more than the core has, and less than headers and notes may have. */
#define MANY (200u << 20)
/* Enough for all that is there. */
#define FEW (1u << 20)

static size_t largest;

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_malloc(size_t n)
{
	largest = n > largest ? n : largest;
	return __real_malloc(n);
}

static ssize_t read_built(void *context, void *to, size_t n, uint64_t offset)
{
	const struct built *file = context;

	if (offset >= file->n)
		return 0;
	n = n < file->n - offset ? n : file->n - (size_t)offset;
	memcpy(to, file->p + offset, n);
	return (ssize_t)n;
}

static void claim_notes(struct built *file, uint64_t size)
{
	Elf64_Ehdr header;
	Elf64_Phdr segment;

	memcpy(&header, file->p, sizeof(header));
	for (size_t i = 0; i < header.e_phnum; i++) {
		uint8_t *at = file->p + header.e_phoff + i * sizeof(segment);

		memcpy(&segment, at, sizeof(segment));
		segment.p_filesz = size;
		if (segment.p_type == PT_NOTE)
			memcpy(at, &segment, sizeof(segment));
	}
}

static const struct row {
	const char *name;
	uint64_t claim; /* 0: what is true */
	bool there;
} rows[] = {
	{ "notes behind memory", 0, true },
	{ "notes that end behind the core's end", MANY, false },
	{ "notes of more than all headers", UINT64_C(1) << 40, false },
};

static void test_late(void **state)
{
	const struct row *row = *state;
	struct core_builder b;
	struct source source;
	struct built file;
	struct core core;

	builder_init(&b, EM_X86_64);
	b.notes_late = true;
	builder_psinfo(&b, 1, 0, "x", "x");
	builder_load(&b, 0x10000, PAGE, PAGE, PF_R | PF_W);
	file = builder_build(&b);
	if (row->claim)
		claim_notes(&file, row->claim);
	core_init(&core);
	assert_int_equal(source_open_at(read_built, &file, file.n, &source), 0);
	largest = 0;
	assert_int_equal(header_read(&source, &core), 0);
	assert_int_equal(core.notes.n > 0, row->there);
	assert_in_range(largest, 0, FEW);
	source_close(&source);
	core_done(&core);
	built_done(&file);
	builder_done(&b);
}

int main(void)
{
	return RUN_TABLE(rows, test_late);
}
