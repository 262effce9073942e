/* SPDX-License-Identifier: MIT */
#include "filter/elf.h"
#include "filter/object.h"

/* Ten times what linkers write; more of them are no object's. */
#define PHNUM_MAX 128

/* Largest of both classes. */
#define PHENT_MAX 56

/*
 * Notes of an object: the build-id is among the first, in one of two segments or three. 128 of
 * them, full of empty notes, in 5,000 objects cost 2 s.
 */
#define NOTES_MAX	  4096
#define NOTE_SEGMENTS_MAX 4

bool object_begins(const struct view *view, const struct area *area)
{
	const struct file_mapping *file = notes_file_at(view->notes, area->start);

	return area->backing == BACKING_FILE && file && file->offset == 0 &&
	       file->start == area->start;
}

struct headers {
	uint8_t bytes[PHNUM_MAX * PHENT_MAX];
	size_t n; /* bytes that are there */
	uint64_t address;
};

static bool read_headers(const struct view *view, uint64_t address, uint64_t count,
			 struct headers *ret)
{
	size_t size = elf_segment_size(view->notes->word);

	if (count > PHNUM_MAX)
		count = PHNUM_MAX;
	ret->address = address;
	ret->n = (size_t)count * size;
	return ret->n > 0 && memory_read(view->memory, address, ret->bytes, ret->n);
}

static bool next_header(const struct view *view, const struct headers *headers,
			size_t *at, struct segment *ret)
{
	unsigned int word = view->notes->word;

	if (!elf_segment_read(word, (struct bytes){ headers->bytes, headers->n }, *at,
			      ret))
		return false;
	*at += elf_segment_size(word);
	return true;
}

static bool has_build_id(const struct view *view, uint64_t address, uint64_t size)
{
	uint8_t raw[NOTES_MAX];
	struct bytes notes = { raw, size < sizeof(raw) ? (size_t)size : sizeof(raw) };
	struct note note;
	size_t at = 0;

	notes.n = memory_read_some(view->memory, address, raw, notes.n);
	while (note_next(notes, &at, &note)) {
		if (note_is(&note, "GNU", NT_GNU_BUILD_ID))
			return true;
	}
	return false;
}

static void take(const struct view *view, const struct segment *s, struct object *object)
{
	uint64_t address = s->vaddr + object->bias;

	if (s->type == PT_DYNAMIC) {
		object->dynamic = address;
		object->dynamic_size = s->memsz;
	} else if (s->type == PT_TLS) {
		object->tls_size = s->memsz;
	} else if (s->type == PT_NOTE && !object->build_id &&
		   object->note_segments++ < NOTE_SEGMENTS_MAX &&
		   has_build_id(view, address, s->memsz)) {
		object->build_id = address;
	}
}

static void take_all(const struct view *view, const struct headers *headers,
		     struct object *object)
{
	struct segment s;

	for (size_t at = 0; next_header(view, headers, &at, &s);)
		take(view, &s, object);
}

/* The first PT_LOAD of a shared object is at its ELF header: base minus its page. */
static uint64_t bias_of(const struct view *view, const struct headers *headers,
			uint64_t base)
{
	struct segment s;

	for (size_t at = 0; next_header(view, headers, &at, &s);) {
		if (s.type == PT_LOAD)
			return base - page_down(s.vaddr);
	}
	return base;
}

bool object_read(const struct view *view, uint64_t base, struct object *ret)
{
	uint8_t raw[sizeof(Elf64_Ehdr)];
	struct bytes bytes = { raw,
			       memory_read_some(view->memory, base, raw, sizeof(raw)) };
	struct elf_header header;
	struct headers headers;

	memset(ret, 0, sizeof(*ret));
	if (elf_object_read(bytes, &header) || header.word != view->notes->word ||
	    !read_headers(view, base + header.phoff, header.phnum, &headers))
		return false;
	ret->bias = bias_of(view, &headers, base);
	take_all(view, &headers, ret);
	return true;
}

bool object_read_executable(const struct view *view, struct object *ret)
{
	uint64_t address, count;
	struct headers headers;
	struct segment s;

	memset(ret, 0, sizeof(*ret));
	if (!notes_auxv(view->notes, AT_PHDR, &address) ||
	    !notes_auxv(view->notes, AT_PHNUM, &count) ||
	    !read_headers(view, address, count, &headers))
		return false;
	for (size_t at = 0; next_header(view, &headers, &at, &s);) {
		if (s.type == PT_PHDR)
			ret->bias = address - s.vaddr;
	}
	take_all(view, &headers, ret);
	return true;
}
