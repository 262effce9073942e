/* SPDX-License-Identifier: MIT */
#include <elf.h>

#include "filter/scrub.h"
#include "filter/strings.h"

/* C's int: what is smaller than a word and stands for itself. */
#define UNIT 4u

/* Counters, sizes, error numbers, indexes. Three letters of text are larger. */
#define SMALL 4096

/*
 * A span costs two program headers of 56 bytes, here and in the file; and a page 10 us. 64 MiB are
 * 4,000 threads at 16 KiB.
 */
#define SPANS_MAX 131072
#define PAGES_MAX 16384

/* Text in units of 4 bytes (wchar_t, UTF-32): so many letters in a row are no counters. */
#define LETTERS 4

/* As many words. */
#define SEAM (LETTERS * 8ul)

/* A row of letters, as far as it has come. */
struct letters {
	uint64_t start, end;
	size_t count;
};

/* Four bytes that can be printed. */
static bool is_text(uint64_t value)
{
	for (size_t i = 0; i < UNIT; i++) {
		uint8_t c = (uint8_t)(value >> 8 * i);

		if (c < ' ' || c > '~')
			return false;
	}
	return true;
}

/*
 * Whatever is mapped, with content or without, and whatever tag or signature is in it: without
 * return addresses there are no frames. Text can be an address of the lowest 4 GiB by
 * chance, where a heap can be; a return address it is taken for, as frames would end there.
 */
static bool is_pointer(const struct view *view, uint64_t value)
{
	uint64_t address = notes_address(view->notes, value);
	const struct area *area = address < PAGE ? NULL : space_at(view->space, address);

	return area && (address > UINT32_MAX || (area->segment->flags & PF_X) ||
			!is_text(address));
}

static bool is_small(uint64_t value, size_t size)
{
	uint64_t negative = size == 8 ? -value : (uint32_t) - (uint32_t)value;

	return value < SMALL || negative < SMALL;
}

/*
 * Bytes from the beginning of `at` that may stay: the word, or not even its first unit.
 * ret_value: the number that they are.
 */
static size_t plausible(const struct view *view, struct bytes page, size_t at,
			uint64_t *ret_value)
{
	size_t word = view->notes->word;

	if (at % word == 0 && bytes_number(page, at, word, ret_value) &&
	    (is_small(*ret_value, word) || is_pointer(view, *ret_value)))
		return word;
	if (bytes_number(page, at, UNIT, ret_value) && is_small(*ret_value, UNIT))
		return UNIT;
	return 0;
}

static bool is_letter(uint64_t value)
{
	return value >= ' ' && value < SMALL;
}

/* The n bytes at `address` may stay: unless they are of a row of letters. */
static void look_for_letters(struct letters *row, uint64_t address, uint64_t value,
			     size_t n, struct spans *ret)
{
	if (!is_letter(value)) {
		row->count = 0;
		return;
	}
	if (!row->count || row->end != address)
		*row = (struct letters){ .start = address };
	row->count++;
	row->end = address + n;
	if (row->count == LETTERS)
		spans_add(ret, row->start, row->end);
	else if (row->count > LETTERS)
		spans_add(ret, address, row->end);
}

/* bytes: whole words at an address. */
static void scrub_words(const struct view *view, uint64_t address, struct bytes bytes,
			struct letters *row, struct spans *ret)
{
	for (size_t at = 0; at < bytes.n;) {
		uint64_t value;
		size_t n = plausible(view, bytes, at, &value);

		if (n)
			look_for_letters(row, address + at, value, n, ret);
		else
			spans_add(ret, address + at, address + at + UNIT);
		at += n ? n : UNIT;
	}
}

static void scrub_page(const struct view *view, uint64_t address, struct letters *row,
		       struct spans *ret)
{
	uint8_t raw[PAGE];
	struct bytes page = { raw,
			      memory_read_some(view->memory, address, raw, sizeof(raw)) };

	page.n &= ~(size_t)7;
	/* what cannot be looked at, but may be there when it is copied */
	spans_add(ret, address + page.n, address + PAGE);
	scrub_words(view, address, page, row, ret);
}

static void scrub_strings(const struct view *view, struct spans *ret)
{
	uint64_t start, end;

	if (strings_find(view->core, view->notes, &start, &end))
		spans_add(ret, start, end);
}

/* Names of objects are what a debugger looks for; the linker's page has little else. */
static bool has_file(const struct view *view, uint64_t address)
{
	const struct area *area = space_at(view->space, address);

	return area && (area->backing == BACKING_FILE || area->is_vdso);
}

/* Ranges of two ranks may lie side by side, and a row of letters over both. */
static void scrub_seam(const struct view *view, uint64_t address, struct spans *ret)
{
	uint8_t raw[2 * SEAM];
	struct letters row = { .count = 0 };

	if (address < SEAM || has_file(view, address) || has_file(view, address - 1) ||
	    !memory_read(view->memory, address - SEAM, raw, sizeof(raw)))
		return;
	scrub_words(view, address - SEAM, (struct bytes){ raw, sizeof(raw) }, &row, ret);
}

static void scrub_range(const struct view *view, const struct range *range, size_t *pages,
			struct spans *ret)
{
	struct letters row = { .count = 0 };

	scrub_seam(view, range->start, ret);
	for (uint64_t at = range->start; at < range->end; at += PAGE) {
		if (has_file(view, at))
			continue;
		if (ret->count < SPANS_MAX && (*pages)++ < PAGES_MAX)
			scrub_page(view, at, &row, ret);
		else
			spans_add(ret, at, at + PAGE);
	}
}

void scrub_add(const struct view *view, const struct ranges *ranges, struct spans *ret)
{
	size_t pages = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		if (ranges->ranges[i].fate == FATE_KEPT)
			scrub_range(view, &ranges->ranges[i], &pages, ret);
	}
	scrub_strings(view, ret);
	spans_join(ret);
	spans_subtract(ret, &view->findings->names);
}

static bool stays(const struct note *note)
{
	static const uint32_t core[] = { NT_PRSTATUS, NT_PRPSINFO, NT_SIGINFO, NT_AUXV,
					 NT_FILE };

	for (size_t i = 0; i < sizeof(core) / sizeof(core[0]); i++) {
		if (note_is(note, "CORE", core[i]))
			return true;
	}
	return note_is(note, "LINUX", NT_386_TLS) || note_is(note, "LINUX", NT_ARM_TLS) ||
	       note_is(note, "LINUX", NT_ARM_PAC_MASK);
}

/* pr_psargs, 80 bytes (include/linux/elfcore.h). */
static void blank_arguments(const struct core *core, struct bytes desc, uint8_t *to)
{
	const struct machine *m = machine_find(core->header.machine, core->header.word);
	size_t at = m ? m->psargs : 0;

	if (at < desc.n)
		memset(to + at, 0, desc.n - at);
}

size_t scrub_notes(const struct core *core, uint8_t *to)
{
	size_t at = 0, begin = 0, n = 0;
	struct note note;

	for (; note_next(core->notes, &at, &note); begin = at) {
		size_t size = at - begin;

		if (!stays(&note))
			continue;
		memcpy(to + n, core->notes.p + begin, size);
		if (note_is(&note, "CORE", NT_PRPSINFO))
			blank_arguments(core, note.desc,
					to + n + (note.desc.p - (core->notes.p + begin)));
		n += size;
	}
	return n;
}

size_t scrub_arguments(const struct core *core, uint8_t *to)
{
	size_t at = 0;
	struct note note;

	memcpy(to, core->notes.p, core->notes.n);
	while (note_next(core->notes, &at, &note)) {
		if (note_is(&note, "CORE", NT_PRPSINFO))
			blank_arguments(core, note.desc,
					to + (note.desc.p - core->notes.p));
	}
	return core->notes.n;
}
