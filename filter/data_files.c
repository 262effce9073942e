/* SPDX-License-Identifier: MIT */
#include "filter/data_files.h"

/* Mappings of one module are neighbours; it has four to six. */
#define NEIGHBOURS_MAX 32

/* Runs of changed pages in all. What has more counts as changed to its end. */
#define RUNS_MAX 32768

static bool same_path(const struct file_mapping *a, const struct file_mapping *b)
{
	return a->path.n == b->path.n && memcmp(a->path.p, b->path.p, a->path.n) == 0;
}

/* The mapping of the same file's beginning, at or below one; NULL if there is none. */
static const struct file_mapping *beginning_of(const struct notes *notes,
					       const struct file_mapping *file)
{
	const struct file_mapping *at = file;

	for (size_t i = 0; i < NEIGHBOURS_MAX && same_path(at, file); i++) {
		if (at->offset == 0)
			return at;
		if (at == notes->files)
			break;
		at--;
	}
	return NULL;
}

/*
 * HotSpot's archive of classes is a part of the runtime that the linker has not relocated: what the process
 * changed of it is pointers, and without it no class has a name. Of the runtime's own it has 13 MB; one of
 * an application counts in the budget where it is larger.
 */
#define CLASSES	    ".jsa"
#define CLASSES_MAX (16u << 20)

static bool is_classes(const struct file_mapping *file)
{
	size_t n = sizeof(CLASSES) - 1;

	return file->path.n >= n && file->end - file->start <= CLASSES_MAX &&
	       memcmp(file->path.p + file->path.n - n, CLASSES, n) == 0;
}

/*
 * Without a look at memory: the kernel offers the first page of an ELF file, and of an executable one
 * (fs/coredump.c, vma_dump_size()).
 */
static bool is_module(const struct notes *notes, const struct memory *memory,
		      const struct space *space, const struct area *area)
{
	const struct file_mapping *file = notes_file_at(notes, area->start);
	const struct area *first;
	uint8_t magic[SELFMAG];

	if (!file ||
	    is_classes(
		    file)) /* then it is kept as a module is; or it is not known whose it is */
		return true;
	file = beginning_of(notes, file);
	if (!file)
		return false;
	if (memory_read(memory, file->start, magic, sizeof(magic)))
		return memcmp(magic, ELFMAG, SELFMAG) == 0;
	first = space_at(space, file->start);
	return first && first->content_end > first->start;
}

static bool is_classes_at(const struct notes *notes, const struct area *area)
{
	const struct file_mapping *file = notes_file_at(notes, area->start);

	return file && is_classes(file);
}

void data_files_find(const struct notes *notes, const struct memory *memory,
		     struct space *space)
{
	for (size_t i = 0; i < space->count; i++) {
		struct area *area = &space->areas[i];
		bool is_empty = area->content_end == area->start, is_data;

		if (area->backing != BACKING_FILE || area->is_vdso ||
		    (is_empty && area->has_file))
			continue;
		is_data = !is_module(notes, memory, space, area);
		area->is_data = is_data && !is_empty;
		area->is_nowhere = is_data && !area->has_file;
		area->is_classes = !is_empty && !is_data && is_classes_at(notes, area);
	}
}

/* Return: whether the process changed any of it. */
static bool add_changed(const struct view *view, const struct area *area, size_t *runs)
{
	const struct memory *memory = view->memory;
	uint64_t at = area->start, start, end;
	bool changed = false;

	if (!memory || !memory->next_changed) {
		spans_add(&view->findings->data, area->start, area->content_end);
		return true;
	}
	while (at < area->content_end &&
	       memory->next_changed(memory->context, at, area->content_end, &start,
				    &end)) {
		if ((*runs)++ >= RUNS_MAX)
			end = area->content_end;
		spans_add(&view->findings->data, start, end);
		changed = true;
		at = end > at ? end : area->content_end;
	}
	return changed;
}

void data_files_add(const struct view *view, struct ranges *ranges)
{
	struct spans *data = &view->findings->data;
	size_t runs = 0;

	for (size_t i = 0; i < view->space->count; i++) {
		const struct area *area = &view->space->areas[i];
		size_t first = data->count;

		if ((!area->is_data && !area->is_classes) ||
		    !add_changed(view, area, &runs) || area->is_classes)
			continue; /* classes are the rule's for globals */
		if (area->segment->flags & PF_W) {
			ranges_add(ranges, area->start, area->content_end, RANK_PRIVATE);
			continue;
		}
		for (; first < data->count; first++)
			ranges_add(ranges, data->spans[first].start,
				   data->spans[first].end, RANK_PRIVATE);
	}
	ranges->failed |= data->failed;
}

/* The first range that ends above an address. */
static size_t range_above(const struct ranges *ranges, uint64_t address)
{
	size_t low = 0, high = ranges->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address >= ranges->ranges[middle].end)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Ranges that touch may be apart. */
static bool is_kept(const struct ranges *kept, uint64_t start, uint64_t end)
{
	for (size_t at = range_above(kept, start);
	     start < end && at < kept->count && kept->ranges[at].start <= start; at++)
		start = kept->ranges[at].end;
	return start >= end;
}

/* Whether any of it is. */
static bool is_blank(const struct spans *blanks, uint64_t start, uint64_t end)
{
	size_t i = spans_above(blanks, start);

	return i < blanks->count && blanks->spans[i].start < end;
}

/* The first of the spans that ends above an address; the last that was asked for is near. */
static size_t span_above(const struct spans *spans, size_t at, uint64_t address)
{
	while (at < spans->count && spans->spans[at].end <= address)
		at++;
	return at;
}

/* Spans are by address, as areas are; those of neighbours may be one. */
size_t data_files_cut(const struct spans *data, const struct ranges *kept,
		      const struct spans *blanks, struct space *space)
{
	size_t cut = 0, at = 0;

	for (size_t i = 0; i < space->count; i++) {
		struct area *area = &space->areas[i];

		if (!area->is_data && !area->is_classes)
			continue;
		at = span_above(data, at, area->start);
		for (size_t n = at; n < data->count && !area->is_cut &&
				    data->spans[n].start < area->content_end;
		     n++) {
			uint64_t start = data->spans[n].start, end = data->spans[n].end;

			if (start < area->start)
				start = area->start;
			if (end > area->content_end)
				end = area->content_end;
			area->is_cut = !is_kept(kept, start, end) ||
				       is_blank(blanks, start, end);
		}
		cut += area->is_cut;
		area->has_file &= !area->is_cut;
	}
	return cut;
}

struct writer {
	uint8_t *to;
	size_t n;
};

static void put(struct writer *w, const uint8_t *p, size_t n)
{
	memcpy(w->to + w->n, p, n);
	w->n += n;
}

static void put_number(uint8_t *to, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static bool is_cut(const struct space *space, struct bytes desc, size_t i, size_t word)
{
	const struct area *area =
		space_at(space, bytes_number_or_0(desc, (2 + 3 * i) * word, word));

	return area && area->is_cut;
}

/* Of a table of `count` entries and the names behind it; see read_files() of notes.c. */
static bool put_files(const struct space *space, size_t word, struct bytes desc,
		      struct writer *w)
{
	uint64_t count = bytes_number_or_0(desc, 0, word), table, left = 0;
	struct bytes names;
	size_t begin = w->n;

	if (__builtin_mul_overflow(count, 3 * word, &table) || desc.n < 2 * word ||
	    table > desc.n - 2 * word)
		return false;
	put(w, desc.p, 2 * word);
	for (size_t i = 0; i < count; i++) {
		if (is_cut(space, desc, i, word))
			continue;
		put(w, desc.p + (2 + 3 * i) * word, 3 * word);
		left++;
	}
	put_number(w->to + begin, left, word);
	names = bytes_part(desc, 2 * word + table, desc.n - 2 * word - table);
	for (size_t i = 0; i < count; i++) {
		const uint8_t *nul = names.n ? memchr(names.p, '\0', names.n) : NULL;
		size_t n = nul ? (size_t)(nul - names.p) + 1 : 0;

		if (!nul)
			return false;
		if (!is_cut(space, desc, i, word))
			put(w, names.p, n);
		names = (struct bytes){ names.p + n, names.n - n };
	}
	return true;
}

/* The note at [begin, at) of notes, whose NT_FILE loses what is cut. */
static void put_note(const struct space *space, size_t word, struct bytes notes,
		     size_t begin, size_t at, const struct note *note, struct writer *w)
{
	size_t first = w->n, desc = (size_t)(note->desc.p - notes.p) - begin;

	if (note_is(note, "CORE", NT_FILE)) {
		put(w, notes.p + begin, desc);
		if (put_files(space, word, note->desc, w)) {
			put_number(w->to + first + 4, w->n - first - desc, 4);
			while ((w->n - first) % 4 && w->n - first < at - begin)
				w->to[w->n++] = 0;
			return;
		}
		w->n = first;
	}
	put(w, notes.p + begin, at - begin);
}

size_t data_files_notes(const struct space *space, unsigned int word, struct bytes notes,
			uint8_t *to)
{
	struct writer w = { to, 0 };
	size_t at = 0, begin = 0;
	struct note note;

	for (; note_next(notes, &at, &note); begin = at)
		put_note(space, word, notes, begin, at, &note, &w);
	put(&w, notes.p + begin, notes.n - begin);
	return w.n;
}
