/* SPDX-License-Identifier: MIT */
#include "filter/hints_table.h"

/* A longer entry of a later version begins as one of this. */
#define ENTRY_SIZE_MAX 4096

/* d_path() of a memfd; it has no link, so the kernel says that it is deleted. */
bool table_is_named(struct bytes path)
{
	static const char *const names[] = { "/memfd:dumpd-hints (deleted)",
					     "/memfd:dumpd-hints" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (path.n == strlen(names[i]) && memcmp(path.p, names[i], path.n) == 0)
			return true;
	}
	return false;
}

static bool is_table(const struct file_mapping *file)
{
	return table_is_named(file->path) && file->start < file->end;
}

bool table_next(const struct notes *notes, size_t *at, struct table *ret)
{
	const struct file_mapping *file = NULL;

	while (*at < notes->file_count && !file) {
		if (is_table(&notes->files[*at]))
			file = &notes->files[*at];
		(*at)++;
	}
	if (!file)
		return false;
	ret->start = file->start;
	ret->end = file->end;
	ret->offset = file->offset;
	for (; *at < notes->file_count; (*at)++) {
		file = &notes->files[*at];
		if (!is_table(file) || file->start != ret->end ||
		    file->offset - ret->offset != ret->end - ret->start)
			break;
		ret->end = file->end;
	}
	return true;
}

enum table_kind table_open(const struct memory *memory, struct table *table)
{
	uint8_t raw[TABLE_HEADER_SIZE];
	const struct bytes header = { raw, sizeof(raw) };
	const uint64_t size = table->end - table->start;
	uint64_t magic, room;

	if (table->offset != 0 || !memory_read(memory, table->start, raw, sizeof(raw)))
		return TABLE_UNREADABLE;
	magic = bytes_number_or_0(header, 0, 4);
	if (magic == 0)
		return TABLE_NONE;
	table->entry_size = bytes_number_or_0(header, 6, 2);
	table->capacity = bytes_number_or_0(header, 8, 4);
	table->first = bytes_number_or_0(header, 12, 4);
	if (magic != TABLE_MAGIC || bytes_number_or_0(header, 4, 2) != TABLE_VERSION ||
	    table->entry_size < TABLE_ENTRY_SIZE || table->entry_size > ENTRY_SIZE_MAX ||
	    table->entry_size % 8 != 0 || table->first < TABLE_HEADER_SIZE ||
	    table->first > size)
		return TABLE_UNREADABLE;
	room = (size - table->first) / table->entry_size;
	table->clamped = table->capacity > room;
	if (table->clamped)
		table->capacity = room;
	table->page = UINT64_MAX; /* none yet */
	return TABLE_READ;
}

static void load_page(const struct memory *memory, struct table *table, uint64_t page)
{
	size_t n;

	if (table->page == page)
		return;
	table->page = page;
	n = memory_read_some(memory, page, table->bytes, PAGE);
	if (n < PAGE)
		memset(table->bytes + n, 0, PAGE - n);
}

/* n bytes of the table, over as many pages as they are on. */
static void copy(const struct memory *memory, struct table *table, uint64_t offset,
		 uint8_t *to, size_t n)
{
	uint64_t address = table->start + offset;

	while (n > 0) {
		size_t in_page = (size_t)(address % PAGE);
		size_t part = PAGE - in_page < n ? PAGE - in_page : n;

		load_page(memory, table, address - in_page);
		memcpy(to, table->bytes + in_page, part);
		address += part;
		to += part;
		n -= part;
	}
}

void table_entry(const struct memory *memory, struct table *table, uint64_t index,
		 struct table_entry *ret)
{
	uint8_t raw[TABLE_ENTRY_SIZE];
	const struct bytes entry = { raw, sizeof(raw) };

	copy(memory, table, table->first + index * table->entry_size, raw, sizeof(raw));
	ret->state = raw[0];
	ret->kind = raw[4];
	ret->priority = raw[5];
	ret->length_width = raw[6];
	ret->address = bytes_number_or_0(entry, 8, 8);
	ret->length = bytes_number_or_0(entry, 16, 8);
	ret->length_at = bytes_number_or_0(entry, 24, 8);
	memcpy(ret->tag, raw + 32, sizeof(ret->tag));
}
