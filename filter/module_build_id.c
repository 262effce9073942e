/* SPDX-License-Identifier: MIT */
#include "filter/module_build_id.h"
#include "filter/notes.h"

/* As filter/object.c: more program headers are no module's. */
#define PHNUM_MAX 128

/*
 * Notes of one segment, and segments with notes: a module has two or three, of some 100 bytes,
 * of which the longest is the package's (.note.package).
 */
#define NOTES_MAX	  4096
#define NOTE_SEGMENTS_MAX 8

/* What is read, by whose program headers. */
struct reading {
	const struct memory *memory;
	uint64_t base, end; /* of the module, or of the file */
	bool is_file; /* segments are where p_offset says, else where p_vaddr does */
	struct elf_header header;
	uint8_t raw[PHNUM_MAX *
		    sizeof(Elf64_Phdr)]; /* its program headers, in one read */
	uint64_t bias; /* what is added to p_vaddr */
	unsigned int note_segments; /* that were looked through */
};

/*
 * The first PT_LOAD has the ELF header, at the start of the file; the header is at the base. Without
 * any, addresses count from the base.
 */
static void take_bias(struct reading *r, const struct segment *s, bool *found)
{
	if (s->type != PT_LOAD || *found)
		return;
	r->bias = r->base - page_down(s->vaddr);
	*found = true;
}

/* Program headers that are looked at. */
static unsigned int header_count(const struct reading *r)
{
	return r->header.phnum < PHNUM_MAX ? r->header.phnum : PHNUM_MAX;
}

static bool read_segments(struct reading *r)
{
	size_t n = (size_t)header_count(r) * elf_segment_size(r->header.word);
	uint64_t at;

	return n == 0 || (!__builtin_add_overflow(r->base, r->header.phoff, &at) &&
			  memory_read(r->memory, at, r->raw, n));
}

/* Of header_count(): there is room for so many, so it cannot be missing. */
static struct segment segment_at(const struct reading *r, unsigned int i)
{
	struct segment s = { .type = PT_NULL };

	(void)elf_segment_read(r->header.word, (struct bytes){ r->raw, sizeof(r->raw) },
			       i * elf_segment_size(r->header.word), &s);
	return s;
}

/* Where a segment of notes is; false if it is not wholly inside of the module. */
static bool place_of(const struct reading *r, const struct segment *s, uint64_t *ret_at,
		     uint64_t *ret_n)
{
	uint64_t end;

	*ret_at = r->is_file ? s->offset : s->vaddr + r->bias;
	*ret_n = s->filesz;
	if (r->header.word == 4 && !r->is_file)
		*ret_at &= UINT32_MAX;
	return *ret_at >= r->base && !__builtin_add_overflow(*ret_at, *ret_n, &end) &&
	       end <= r->end;
}

/* What is found beats what is wrong, but that there are two. */
static void settle(struct build_id *ret, enum build_id_state state)
{
	if (ret->state == BUILD_ID_NONE)
		ret->state = state;
}

static void take_note(struct bytes desc, struct build_id *ret)
{
	if (ret->state == BUILD_ID_TWO)
		return;
	if (desc.n < BUILD_ID_MIN || desc.n > BUILD_ID_MAX) {
		settle(ret, BUILD_ID_BAD_SIZE);
	} else if (ret->state == BUILD_ID_FOUND) {
		if (ret->n != desc.n || memcmp(ret->bytes, desc.p, desc.n) != 0)
			*ret = (struct build_id){ .state = BUILD_ID_TWO };
	} else {
		ret->state = BUILD_ID_FOUND;
		ret->n = (uint8_t)desc.n;
		memcpy(ret->bytes, desc.p, desc.n);
	}
}

static void take_notes(struct reading *r, const struct segment *s, struct build_id *ret)
{
	uint8_t raw[NOTES_MAX];
	struct bytes notes = { raw, 0 };
	struct note note;
	size_t at = 0, want;
	uint64_t address, size;

	if (s->type != PT_NOTE || r->note_segments++ >= NOTE_SEGMENTS_MAX)
		return;
	if (!place_of(r, s, &address, &size)) {
		settle(ret, BUILD_ID_BAD_PLACE);
		return;
	}
	want = size < sizeof(raw) ? (size_t)size : sizeof(raw);
	notes.n = memory_read_some(r->memory, address, raw, want);
	while (note_next(notes, &at, &note)) {
		if (note_is(&note, "GNU", NT_GNU_BUILD_ID))
			take_note(note.desc, ret);
	}
	if (notes.n < want)
		settle(ret, BUILD_ID_UNREAD);
	else if (at != notes.n && want == size)
		settle(ret, BUILD_ID_BAD_SIZE);
}

/* Return: false if it is no ELF file, or not there. */
static bool read_header(struct reading *r)
{
	uint8_t raw[sizeof(Elf64_Ehdr)];
	size_t n = memory_read_some(r->memory, r->base, raw, sizeof(raw));

	return elf_object_read((struct bytes){ raw, n }, &r->header) == NULL;
}

/* Return: false if the headers are not all there. */
static bool read_headers(struct reading *r)
{
	bool found = false;

	if (!read_header(r) || !read_segments(r))
		return false;
	r->bias = r->base;
	for (unsigned int i = 0; i < header_count(r); i++) {
		const struct segment s = segment_at(r, i);

		take_bias(r, &s, &found);
	}
	return true;
}

static void read_build_id(struct reading *r, struct build_id *ret)
{
	*ret = (struct build_id){ .state = BUILD_ID_UNREAD };
	if (!read_headers(r))
		return;
	ret->state = BUILD_ID_NONE;
	for (unsigned int i = 0; i < header_count(r); i++) {
		const struct segment s = segment_at(r, i);

		take_notes(r, &s, ret);
	}
}

void build_id_of_module(const struct memory *memory, uint64_t base, uint64_t end,
			struct build_id *ret)
{
	struct reading r = { .memory = memory, .base = base, .end = end };

	read_build_id(&r, ret);
}

void build_id_of_file(const struct memory *file, uint64_t size, struct build_id *ret)
{
	struct reading r = { .memory = file, .end = size, .is_file = true };

	read_build_id(&r, ret);
}

uint64_t module_span(const struct memory *memory, uint64_t base)
{
	struct reading r = { .memory = memory, .base = base };
	uint64_t span = 0, end;

	if (!read_headers(&r))
		return 0;
	for (unsigned int i = 0; i < header_count(&r); i++) {
		const struct segment s = segment_at(&r, i);

		if (s.type != PT_LOAD ||
		    __builtin_add_overflow(s.vaddr + r.bias - base, s.memsz, &end))
			continue;
		span = end > span ? end : span;
	}
	return span;
}

bool build_id_same(const struct build_id *a, const struct build_id *b)
{
	return a->state == BUILD_ID_FOUND && b->state == BUILD_ID_FOUND && a->n == b->n &&
	       memcmp(a->bytes, b->bytes, a->n) == 0;
}
