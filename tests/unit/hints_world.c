/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tests/unit/hints_world.h"
#include "tests/unit/table.h"

/* Up to the end of its page: a reader has to ask again. */
static size_t read_world(void *context, uint64_t address, void *to, size_t n)
{
	struct world *w = context;
	size_t in_page = PAGE - address % PAGE, page = (address - TABLE_AT) / PAGE;

	if (address >= DATA_AT && address < DATA_AT + DATA_SIZE) {
		size_t left = DATA_AT + DATA_SIZE - address;

		n = n < left ? n : left;
		memcpy(to, w->data + (address - DATA_AT), n);
		return n;
	}
	if (address < TABLE_AT || page >= PAGES || w->absent[page])
		return 0;
	n = n < in_page ? n : in_page;
	memcpy(to, w->table + (address - TABLE_AT), n);
	w->reads[page]++;
	if (w->changing)
		memset(w->table, 0xee, sizeof(w->table));
	return n;
}

void world_put(struct world *w, size_t offset, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		w->table[offset + i] = (uint8_t)(value >> 8 * i);
}

void world_put_data(struct world *w, uint64_t address, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		w->data[address - DATA_AT + i] = (uint8_t)(value >> 8 * i);
}

void world_set_entry(struct world *w, size_t i, const struct dumpd_hint *hint)
{
	memcpy(w->table + DUMPD_HINTS_HEADER_SIZE + i * sizeof(*hint), hint,
	       sizeof(*hint));
}

struct world *world_new(uint32_t capacity)
{
	struct dumpd_hints_table header = {
		.magic = DUMPD_HINTS_MAGIC,
		.version = DUMPD_HINTS_VERSION,
		.entry_size = DUMPD_HINTS_ENTRY_SIZE,
		.capacity = capacity,
		.first = DUMPD_HINTS_HEADER_SIZE,
	};
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	memcpy(w->table, &header, sizeof(header));
	return w;
}

struct bytes world_text(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

int world_read_files(struct world *w, unsigned int word, struct file_mapping *files,
		     size_t count, struct hints *ret)
{
	const struct notes notes = {
		.word = word, .files = files, .file_count = count, .has_files = true
	};
	const struct memory memory = { .read = read_world, .context = w };

	return hints_read(&notes, NULL, w ? &memory : NULL, ret);
}

int world_read_names(struct world *w, const struct names *names, struct hints *ret)
{
	const struct notes notes = { .word = 8 };
	const struct memory memory = { .read = read_world, .context = w };

	return hints_read(&notes, names, &memory, ret);
}

void world_read(struct world *w, unsigned int word, struct hints *ret)
{
	struct file_mapping file = { TABLE_AT, TABLE_AT + TABLE_ROOM, 0,
				     world_text(MEMFD) };

	assert_int_equal(world_read_files(w, word, &file, 1, ret), 0);
	assert_true(ret->found);
}

void same_problem(const struct hints *hints, const char *want)
{
	if (want)
		assert_string_equal(hints->problem ? hints->problem : "none", want);
	else
		assert_null(hints->problem);
}
