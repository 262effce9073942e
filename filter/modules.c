/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "filter/modules.h"

/* Files mapped from their start that are looked at: more than any process has libraries. */
#define LOOKS_MAX 4096

/* One mapping of a file, out of either list. */
struct mapped {
	uint64_t start, end, offset;
	struct bytes path;
};

struct mappings {
	const struct notes *notes;
	const struct names *names;
	size_t count;
};

/* What is known when a module is looked for. */
struct reading {
	struct mappings mappings;
	const struct memory *memory;
	uint64_t headers; /* AT_PHDR */
};

static void open_mappings(const struct notes *notes, const struct names *names,
			  struct mappings *ret)
{
	*ret = (struct mappings){ notes, NULL, notes->file_count };
	if (!notes->has_files && names) {
		ret->names = names;
		ret->count = names->count;
	}
}

static struct mapped mapping_at(const struct mappings *mappings, size_t i)
{
	if (mappings->names) {
		const struct named *named = &mappings->names->named[i];

		return (struct mapped){ named->start, named->end, named->offset,
					named->name };
	}
	return (struct mapped){ mappings->notes->files[i].start,
				mappings->notes->files[i].end,
				mappings->notes->files[i].offset,
				mappings->notes->files[i].path };
}

static bool same_path(struct bytes a, struct bytes b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/*
 * The mappings of the module that begins at *i, which moves to the last of them: of the same file,
 * and within its span. Between them may be memory that no file has (.bss). Of a module whose
 * headers cannot be read, those that are not from the file's start.
 */
static uint64_t end_of(const struct mappings *mappings, uint64_t span, size_t *i)
{
	const struct mapped first = mapping_at(mappings, *i);
	uint64_t end = first.end;

	while (*i + 1 < mappings->count) {
		const struct mapped next = mapping_at(mappings, *i + 1);

		if (!same_path(next.path, first.path) || next.start < end ||
		    (span ? next.start - first.start >= span : next.offset == 0))
			break;
		end = next.end;
		++*i;
	}
	return end;
}

/*
 * What is mapped from its file's start is an ELF file, or may be one whose header cannot be read:
 * then it has more than one mapping, while programs map what they read of other files in one piece.
 */
static bool is_module(const struct memory *memory, const struct mapped *first,
		      bool one_piece)
{
	char magic[SELFMAG];

	if (!memory_read(memory, first->start, magic, sizeof(magic)))
		return !one_piece;
	return memcmp(magic, ELFMAG, SELFMAG) == 0;
}

static bool may_begin(const struct mapped *mapped)
{
	return mapped->offset == 0 && mapped->path.n > 0 && mapped->path.p[0] == '/';
}

static int add(struct modules *modules, const struct module *module)
{
	struct module *list = modules->list;

	if ((modules->count & (modules->count - 1)) == 0) {
		list = reallocarray(list, modules->count ? modules->count * 2 : 1,
				    sizeof(*list));
		if (!list)
			return -ENOMEM;
		modules->list = list;
	}
	list[modules->count++] = *module;
	return 0;
}

/* The module that begins at mapping *i, which moves to its last one; nothing if none does. */
static int take(const struct reading *reading, size_t *i, struct modules *modules)
{
	const struct mapped first = mapping_at(&reading->mappings, *i);
	struct module module = { .start = first.start, .path = first.path };
	size_t last = *i;

	module.end = end_of(&reading->mappings, module_span(reading->memory, first.start),
			    &last);
	if (!is_module(reading->memory, &first, last == *i))
		return 0;
	*i = last;
	module.executable = reading->headers >= module.start &&
			    reading->headers < module.end;
	build_id_of_module(reading->memory, module.start, module.end, &module.build_id);
	return add(modules, &module);
}

int modules_read(const struct notes *notes, const struct names *names,
		 const struct memory *memory, size_t most, struct modules *ret)
{
	struct reading reading = { .memory = memory };
	size_t looks = 0;
	int r = 0;

	*ret = (struct modules){ 0 };
	open_mappings(notes, names, &reading.mappings);
	(void)notes_auxv(notes, AT_PHDR, &reading.headers); /* 0: in none */
	for (size_t i = 0; i < reading.mappings.count && r == 0; i++) {
		const struct mapped first = mapping_at(&reading.mappings, i);

		if (!may_begin(&first))
			continue;
		if (ret->count >= most || looks++ >= LOOKS_MAX)
			ret->left_out++;
		else
			r = take(&reading, &i, ret);
	}
	if (r < 0)
		modules_done(ret);
	return r;
}

void modules_done(struct modules *modules)
{
	free(modules->list);
	*modules = (struct modules){ 0 };
}

const struct module *modules_at(const struct modules *modules, uint64_t address)
{
	size_t low = 0, high = modules->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct module *m = &modules->list[middle];

		if (address < m->start)
			high = middle;
		else if (address >= m->end)
			low = middle + 1;
		else
			return m;
	}
	return NULL;
}
