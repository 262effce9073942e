/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "filter/hints.h"
#include "filter/hints_table.h"

/*
 * Of all tables. A table is read to its end even if it is empty: these bound the time (1,024
 * pages) and the memory (4 MiB).
 */
#define TABLES_MAX  16
#define ENTRIES_MAX 65536
#define TEXTS_MAX   64

/*
 * A user's address has no bit set from here on; pointers may carry a tag there (AArch64's TBI
 * and MTE, x86's LAM), and languages that extend the sign of 32-bit pointers set them.
 */
#define ADDRESS_END(word) (UINT64_C(1) << ((word) == 4 ? 32 : 56))

#define SECRET_WORD UINT64_C(8)

struct reader {
	const struct notes *notes;
	const struct memory *memory;
	struct hints *hints;
	size_t entries_left, texts;
};

static void add_problem(struct hints *hints, const char *what)
{
	if (!hints->problem)
		hints->problem = what;
}

/* Why there is no memory is more than what was ignored before. */
static void set_unreadable(struct hints *hints, const char *why)
{
	if (!hints->unreadable)
		hints->problem = why;
	hints->unreadable = true;
}

/* Room for one more, by doubling. */
static struct hint *add_hint(struct hints *hints)
{
	struct hint *bigger = hints->hints;
	size_t count = hints->count;

	if ((count & (count - 1)) == 0) /* a power of two: it is full */
		bigger = reallocarray(bigger, count ? count * 2 : 1, sizeof(*bigger));
	if (!bigger)
		return NULL;
	hints->hints = bigger;
	return &bigger[hints->count++];
}

/* Up to the first NUL, so that nothing hides behind it. */
static void copy_tag(char to[24], const char from[24])
{
	size_t n = strnlen(from, 23);

	memset(to, 0, 24);
	memcpy(to, from, n);
}

/* A range that ends behind the address space ends with it. */
static void set_range(const struct reader *r, uint64_t address, uint64_t length,
		      struct hint *hint)
{
	const uint64_t last = ADDRESS_END(r->notes->word);

	hint->start = address & (last - 1);
	if (__builtin_add_overflow(hint->start, length, &hint->end) || hint->end > last)
		hint->end = last;
}

/* Address and length of what a keep-pointee means. Return: NULL or what is wrong with it. */
static const char *resolve(const struct reader *r, const struct table_entry *entry,
			   uint64_t *ret_address, uint64_t *ret_length)
{
	const uint64_t mask = ADDRESS_END(r->notes->word) - 1;
	const unsigned int width = entry->length_width;
	uint64_t length = entry->length;

	if (!memory_number(r->memory, entry->address & mask, r->notes->word, ret_address))
		return "a hint's pointer is not in memory";
	if (entry->length_at != 0) {
		if (width != 1 && width != 2 && width != 4 && width != 8)
			return "a hint's length has a width that no number has";
		if (!memory_number(r->memory, entry->length_at & mask, width, &length))
			return "a hint's length is not in memory";
		if (entry->length != 0 && length > entry->length)
			length = entry->length;
	}
	/* nothing there, and nothing wrong */
	*ret_length = *ret_address != 0 ? length : 0;
	return NULL;
}

static int add_entry(struct reader *r, const struct table_entry *entry,
		     enum hint_kind kind, uint64_t address, uint64_t length)
{
	struct hint *hint;

	if (kind == HINT_TEXT && r->texts == TEXTS_MAX) {
		add_problem(r->hints, "more texts than are read");
		return 0;
	}
	hint = add_hint(r->hints);
	if (!hint)
		return -ENOMEM;
	if (kind == HINT_TEXT) {
		r->texts++;
		length = length < HINT_TEXT_MAX ? length : HINT_TEXT_MAX;
	}
	hint->kind = kind;
	hint->priority = entry->priority;
	set_range(r, address, length, hint);
	copy_tag(hint->tag, entry->tag);
	return 0;
}

/* What cannot be understood may have been a secret. */
static int read_entry(struct reader *r, const struct table_entry *entry)
{
	static const enum hint_kind kinds[] = {
		[ENTRY_KEEP] = HINT_KEEP, [ENTRY_KEEP_POINTEE] = HINT_KEEP,
		[ENTRY_DROP] = HINT_DROP, [ENTRY_SECRET] = HINT_SECRET,
		[ENTRY_TEXT] = HINT_TEXT,
	};
	uint64_t address = entry->address, length = entry->length;
	const char *wrong = NULL;

	if (entry->state == ENTRY_FREE || entry->state == ENTRY_BUSY)
		return 0;
	if (entry->state == ENTRY_SET && (entry->kind & ENTRY_MAY_IGNORE)) {
		add_problem(r->hints, "a hint of a kind that is not known");
		return 0;
	}
	if (entry->state != ENTRY_SET || entry->kind < ENTRY_KEEP ||
	    entry->kind > ENTRY_TEXT) {
		set_unreadable(r->hints, "an entry that makes no sense");
		return 0;
	}
	if (entry->kind == ENTRY_KEEP_POINTEE)
		wrong = resolve(r, entry, &address, &length);
	else if (length == 0)
		wrong = "a hint of no bytes";
	if (wrong)
		add_problem(r->hints, wrong);
	if (wrong || length == 0)
		return 0;
	return add_entry(r, entry, kinds[entry->kind], address, length);
}

static int read_table(struct reader *r, struct table *table)
{
	uint64_t capacity = table->capacity;
	struct table_entry entry;
	int error = 0;

	if (table->clamped)
		add_problem(r->hints, "a table that claims more than it has");
	if (capacity > r->entries_left) {
		set_unreadable(r->hints, "more entries than are read");
		capacity = r->entries_left;
	}
	r->entries_left -= (size_t)capacity;
	for (uint64_t i = 0; i < capacity && error == 0; i++) {
		table_entry(r->memory, table, i, &entry);
		error = read_entry(r, &entry);
	}
	return error;
}

static int read_tables(struct reader *r)
{
	struct table table;
	size_t at = 0;
	int error = 0;

	for (size_t i = 0; error == 0 && table_next(r->notes, &at, &table); i++) {
		r->hints->found = true;
		if (i == TABLES_MAX) {
			set_unreadable(r->hints, "more tables than are read");
			break;
		}
		switch (table_open(r->memory, &table)) {
		case TABLE_READ:
			error = read_table(r, &table);
			break;
		case TABLE_UNREADABLE:
			set_unreadable(r->hints, "a table that cannot be read");
			break;
		case TABLE_NONE:
			break;
		}
	}
	return error;
}

struct span hint_words(const struct hint *secret)
{
	const uint64_t mask = ~(SECRET_WORD - 1);
	uint64_t end;

	if (__builtin_add_overflow(secret->end, SECRET_WORD - 1, &end))
		end = UINT64_MAX;
	return (struct span){ secret->start & mask, end & mask };
}

bool hints_are_secret(const struct hints *hints, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < hints->count; i++) {
		struct span words = hint_words(&hints->hints[i]);

		if (hints->hints[i].kind == HINT_SECRET && words.start < end &&
		    words.end > start)
			return true;
	}
	return false;
}

static void read_text(const struct reader *r, const struct hint *hint)
{
	struct hint_text *text = &r->hints->texts[r->hints->text_count];
	const size_t n = (size_t)(hint->end - hint->start);

	if (hints_are_secret(r->hints, hint->start, hint->end)) {
		add_problem(r->hints, "a text that is a secret, too");
		return;
	}
	text->n = memory_read_some(r->memory, hint->start, text->bytes, n);
	text->n = strnlen((const char *)text->bytes, text->n);
	if (text->n == 0) /* nothing was said yet */
		return;
	text->start = hint->start;
	memcpy(text->tag, hint->tag, sizeof(text->tag));
	r->hints->text_count++;
}

/* Only when all secrets are known: a text goes into the record. */
static int read_texts(const struct reader *r)
{
	struct hints *hints = r->hints;

	if (r->texts == 0 || hints->unreadable)
		return 0;
	hints->texts = calloc(r->texts, sizeof(*hints->texts));
	if (!hints->texts)
		return -ENOMEM;
	for (size_t i = 0; i < hints->count; i++) {
		if (hints->hints[i].kind == HINT_TEXT)
			read_text(r, &hints->hints[i]);
	}
	return 0;
}

/* One more than are read, so that it is known that there are more. */
struct named_tables {
	struct file_mapping files[TABLES_MAX + 1];
	struct notes notes;
};

/*
 * The kernel leaves NT_FILE out where it would be too large (fs/binfmt_elf.c,
 * fill_files_note); /proc/PID/maps has the same. Return: notes with these files.
 */
static const struct notes *notes_of_names(const struct notes *notes,
					  const struct names *names,
					  struct named_tables *ret)
{
	ret->notes = *notes;
	ret->notes.files = ret->files;
	ret->notes.file_count = 0;
	for (size_t i = 0; i < names->count && ret->notes.file_count <= TABLES_MAX; i++) {
		const struct named *n = &names->named[i];

		if (table_is_named(n->name))
			ret->files[ret->notes.file_count++] =
				(struct file_mapping){ n->start, n->end, n->offset,
						       n->name };
	}
	return &ret->notes;
}

int hints_read(const struct notes *notes, const struct names *names,
	       const struct memory *memory, struct hints *ret)
{
	struct reader reader = { notes, memory, ret, ENTRIES_MAX, 0 };
	bool by_names = names && (!notes->has_files || notes->broken);
	struct named_tables named;
	int r;

	memset(ret, 0, sizeof(*ret));
	if (by_names && names->count)
		reader.notes = notes_of_names(notes, names, &named);
	if (by_names && names->cut)
		set_unreadable(ret, "more mappings than are looked through for tables");
	r = read_tables(&reader);
	if (r == 0)
		r = read_texts(&reader);
	if (r < 0)
		hints_done(ret);
	return r;
}

static bool is_left_out(const struct space *space, const struct hint_text *text)
{
	const struct area *area = space_above(space, text->start);
	const struct area *last = space->areas + space->count;
	uint64_t end = text->start + text->n; /* it was read: it does not wrap */

	for (; area && area < last && area->start < end; area++) {
		if (area->backing != BACKING_FILE && area->content_end < area->end &&
		    end > area->content_end)
			return true;
	}
	return false;
}

void hints_drop_texts(const struct space *space, struct hints *hints)
{
	size_t kept = 0;

	for (size_t i = 0; i < hints->text_count; i++) {
		if (is_left_out(space, &hints->texts[i]))
			add_problem(hints, "a text in memory that is in no dump");
		else
			hints->texts[kept++] = hints->texts[i];
	}
	hints->text_count = kept;
}

void hints_done(struct hints *hints)
{
	free(hints->hints);
	free(hints->texts);
	memset(hints, 0, sizeof(*hints));
}
