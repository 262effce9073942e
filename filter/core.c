/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "filter/core.h"
#include "filter/core_table.h"

enum step {
	STEP_HEADER,
	STEP_FIRST_SEGMENT,
	STEP_SEGMENTS,
	STEP_NOTES,
	STEP_DONE
};

void core_init(struct core *core)
{
	memset(core, 0, sizeof(*core));
	core->needed = EI_NIDENT;
}

void core_done(struct core *core)
{
	free(core->buffer);
	free(core->segments);
	free(core->late_notes);
	core_init(core);
}

static int bad(struct core *core, const char *problem)
{
	core->problem = problem;
	return -EBADMSG;
}

static struct bytes buffered(const struct core *core)
{
	return (struct bytes){ core->buffer, core->buffered };
}

/* Buffer up to core->needed bytes out of the chunk, growing with what really comes. */
static int take(struct core *core, const uint8_t *p, size_t n, size_t *ret_used)
{
	size_t want = (size_t)(core->needed - core->buffered);
	size_t size;
	uint8_t *buffer;

	if (want > n)
		want = n;
	if (want == 0)
		return 0;
	size = core->buffered + want;
	if (size > core->capacity) {
		size_t capacity = core->capacity ? core->capacity : 4096;

		while (capacity < size)
			capacity *= 2;
		buffer = realloc(core->buffer, capacity);
		if (!buffer)
			return -ENOMEM;
		core->buffer = buffer;
		core->capacity = capacity;
	}
	memcpy(core->buffer + core->buffered, p, want);
	core->buffered = size;
	*ret_used += want;
	return 0;
}

static int need(struct core *core, uint64_t bytes, enum step next)
{
	if (bytes > CORE_HEADER_MAX)
		return bad(core, "headers and notes of more than 256 MiB");
	core->needed = bytes;
	core->step = next;
	return 0;
}

/* EI_NIDENT bytes say the class, and so how long the whole header is. */
static int step_header(struct core *core)
{
	const char *problem;
	size_t size;

	if (core->buffered == EI_NIDENT) {
		if (memcmp(core->buffer, ELFMAG, SELFMAG) != 0)
			return bad(core, "not an ELF file");
		size = elf_header_size(core->buffer[EI_CLASS] == ELFCLASS64 ? 8 : 4);
		return need(core, size, STEP_HEADER);
	}
	problem = elf_header_read(buffered(core), &core->header);
	if (problem)
		return bad(core, problem);
	if (core->header.phnum == 0)
		return bad(core, "a core without program headers");
	if (core->header.phoff > CORE_HEADER_MAX)
		return bad(core, "program headers far behind the beginning");
	return need(core, core->header.phoff + core->header.phentsize,
		    STEP_FIRST_SEGMENT);
}

static int step_first_segment(struct core *core)
{
	const char *problem = "program headers beyond the end";
	struct segment first;
	uint64_t count;

	if (elf_segment_read(core->header.word, buffered(core), core->header.phoff,
			     &first))
		problem = core_table_count(&core->header, &first, &count);
	if (problem)
		return bad(core, problem);
	core->count = (size_t)count;
	/* does not wrap: phoff is at most CORE_HEADER_MAX, and with PN_XNUM this is an offset */
	return need(core, core->header.phoff + count * core->header.phentsize,
		    STEP_SEGMENTS);
}

static int read_segments(struct core *core)
{
	core->segments = calloc(core->count, sizeof(*core->segments));
	if (!core->segments)
		return -ENOMEM;
	for (size_t i = 0; i < core->count; i++) {
		struct segment *s = &core->segments[i];
		uint64_t at = core->header.phoff + i * core->header.phentsize;
		const char *problem =
			elf_segment_read(core->header.word, buffered(core), at, s)
				? core_table_problem(core->header.word, s)
				: "program headers beyond the end";

		if (problem)
			return bad(core, problem);
		if (s->type == PT_NOTE && !core->note_segment)
			core->note_segment = s;
	}
	return 0;
}

static int by_offset(const void *a, const void *b)
{
	const struct segment *x = *(const struct segment *const *)a;
	const struct segment *y = *(const struct segment *const *)b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int by_address(const void *a, const void *b)
{
	const struct segment *x = *(const struct segment *const *)a;
	const struct segment *y = *(const struct segment *const *)b;

	return x->vaddr < y->vaddr ? -1 : x->vaddr > y->vaddr;
}

/*
 * One pass over a pipe can serve each byte to one place only. The kernel writes no
 * overlapping segments; whatever has some was made by hand.
 */
static int check_overlap(struct core *core)
{
	const struct segment **sorted = calloc(core->count, sizeof(*sorted));
	size_t n = 0, m = 0;
	int r = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < core->count; i++) {
		if (core->segments[i].type == PT_LOAD && core->segments[i].filesz > 0)
			sorted[n++] = &core->segments[i];
	}
	qsort(sorted, n, sizeof(*sorted), by_offset);
	for (size_t i = 1; i < n && r == 0; i++) {
		if (sorted[i - 1]->offset + sorted[i - 1]->filesz > sorted[i]->offset)
			r = bad(core, "segments that overlap in the file");
	}
	for (size_t i = 0; i < core->count; i++) {
		if (core->segments[i].type == PT_LOAD && core->segments[i].memsz > 0)
			sorted[m++] = &core->segments[i];
	}
	qsort(sorted, m, sizeof(*sorted), by_address);
	for (size_t i = 1; i < m && r == 0; i++) {
		if (sorted[i - 1]->vaddr + sorted[i - 1]->memsz > sorted[i]->vaddr)
			r = bad(core, "segments that overlap in memory");
	}
	free(sorted);
	return r;
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Other kinds have not been looked at: what cannot be is not there. */
static uint64_t segment_end(const struct segment *s)
{
	uint64_t end;

	if (s->type == PT_NULL || __builtin_add_overflow(s->offset, s->filesz, &end) ||
	    end > INT64_MAX)
		return 0;
	return end;
}

/*
 * Where memory begins, and where the core ends: arm64 puts allocation tags behind memory
 * (PT_AARCH64_MEMTAG_MTE, arch/arm64/kernel/elfcore.c).
 */
static void measure(struct core *core)
{
	uint64_t first = UINT64_MAX, end = core->needed;

	for (size_t i = 0; i < core->count; i++) {
		const struct segment *s = &core->segments[i];

		end = max(end, segment_end(s));
		if (s->type == PT_LOAD && s->filesz > 0 && s->offset < first)
			first = s->offset;
	}
	if (core->header.phnum == PN_XNUM && core->header.shoff < INT64_MAX)
		end = max(end, core->header.shoff + elf_section_size(core->header.word));
	core->size = end;
	core->data_start = first < end ? first : end;
}

static int step_segments(struct core *core)
{
	const struct segment *note;
	int r = read_segments(core);

	if (r == 0)
		r = check_overlap(core);
	if (r < 0)
		return r;
	measure(core);
	if (core->data_start < core->needed)
		return bad(core, "memory inside the program headers");
	note = core->note_segment;
	if (!note || note->filesz == 0)
		return need(core, core->needed, STEP_DONE);
	if (note->offset < core->needed)
		return bad(core, "notes inside the program headers");
	if (note->offset + note->filesz > core->data_start) {
		core->notes_late = true;
		return need(core, core->needed, STEP_DONE);
	}
	if (core->skip_notes && note->offset + note->filesz <= CORE_HEADER_MAX)
		return need(core, core->needed, STEP_DONE);
	return need(core, note->offset + note->filesz, STEP_NOTES);
}

static int step_notes(struct core *core)
{
	core->notes = bytes_part(buffered(core), core->note_segment->offset,
				 core->note_segment->filesz);
	core->step = STEP_DONE;
	return 0;
}

static int advance(struct core *core)
{
	static int (*const steps[])(struct core *) = {
		[STEP_HEADER] = step_header,
		[STEP_FIRST_SEGMENT] = step_first_segment,
		[STEP_SEGMENTS] = step_segments,
		[STEP_NOTES] = step_notes,
	};

	return steps[core->step](core);
}

int core_feed(struct core *core, const uint8_t *p, size_t n, size_t *ret_used)
{
	*ret_used = 0;
	if (core->problem)
		return -EBADMSG;
	while (core->step != STEP_DONE) {
		int r = take(core, p + *ret_used, n - *ret_used, ret_used);

		if (r < 0)
			return r;
		if (core->buffered < core->needed)
			return 0;
		r = advance(core);
		if (r < 0)
			return r;
	}
	core->header_bytes = buffered(core);
	return 1;
}

void core_late_notes(const struct core *core, uint64_t *ret_offset, uint64_t *ret_size)
{
	*ret_offset = core->note_segment->offset;
	*ret_size = core->note_segment->filesz;
}

int core_set_notes(struct core *core, const uint8_t *p, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, p, n);
	free(core->late_notes);
	core->late_notes = copy;
	core->notes = (struct bytes){ copy, n };
	return 0;
}

const struct segment *core_segment_at(const struct core *core, uint64_t address)
{
	for (size_t i = 0; i < core->count; i++) {
		const struct segment *s = &core->segments[i];

		if (s->type == PT_LOAD && address >= s->vaddr &&
		    address - s->vaddr < s->memsz)
			return s;
	}
	return NULL;
}
