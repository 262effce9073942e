/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "dumpctl/debug_elf.h"
#include "filter/link_map.h"
#include "filter/object.h"

/*
 * Of a core's beginning, so that a core of lies costs some MiB and a moment before the debugger starts: program
 * headers of 149,000 mappings, twice what vm.max_map_count is by default; and the notes up to NT_FILE, which has
 * at most 4 MiB (core_file_note_size_limit, fs/coredump.c) and comes with the first thread's, before those of
 * the others.
 */
#define HEADERS_MAX (8u << 20)

/* Of the linker's names: a list of lies can have one more often than there are modules. */
#define NAMES_SIZE_MAX (1u << 20)

/* PATH_MAX. */
#define NAME_SIZE 4096

/* Headers come in pieces of this size. */
#define CHUNK 65536

static int feed(struct debug_elf *c)
{
	_cleanup_free_ uint8_t *chunk = malloc(CHUNK);
	uint64_t at = 0;
	int r = 0;

	if (!chunk)
		return -ENOMEM;
	while (r == 0) {
		ssize_t n;
		size_t used;

		if (at >= HEADERS_MAX)
			return -E2BIG;
		n = io_pread_full(c->fd, chunk, CHUNK, at);
		if (n <= 0)
			return n < 0 ? (int)n : -EBADMSG;
		r = core_feed(&c->core, chunk, (size_t)n, &used);
		at += (uint64_t)n;
	}
	return r < 0 ? r : 0;
}

/* The first of them, which tell of the whole process. */
static int read_notes(struct debug_elf *c)
{
	_cleanup_free_ uint8_t *notes = NULL;
	uint64_t offset, size;
	ssize_t n;
	int r;

	if (!c->core.note_segment)
		return 0;
	core_late_notes(&c->core, &offset, &size);
	notes = malloc(DEBUG_ELF_NOTES_MAX);
	if (!notes)
		return -ENOMEM;
	n = io_pread_full(c->fd, notes,
			  size < DEBUG_ELF_NOTES_MAX ? (size_t)size : DEBUG_ELF_NOTES_MAX,
			  offset);
	if (n < 0)
		return (int)n;
	r = core_set_notes(&c->core, notes, (size_t)n);
	if (r < 0)
		return r;
	notes_read(&c->core.header, c->core.notes, &c->notes);
	return size > DEBUG_ELF_NOTES_MAX && !c->notes.has_files ? -E2BIG : 0;
}

static struct view view_of(const struct debug_elf *c)
{
	return (struct view){
		.core = &c->core,
		.notes = &c->notes,
		.memory = &c->window.memory,
	};
}

static char *read_name(const struct debug_elf *c, uint64_t address)
{
	char name[NAME_SIZE];
	size_t n = memory_read_some(&c->window.memory, address, name, sizeof(name));

	return memchr(name, '\0', n) ? strdup(name) : NULL;
}

/* A node belongs to the module that its PT_DYNAMIC is in. The first is the program. */
static void take_node(void *context, const struct link_map_node *node)
{
	struct debug_elf *c = context;
	const struct module *module = modules_at(&c->modules, node->dynamic);
	struct debug_elf_name *names;
	char *path;

	if (!module)
		return;
	if (!c->program)
		c->program = module;
	if (c->name_count >= DEBUG_ELF_NAMES_MAX || c->names_size >= NAMES_SIZE_MAX)
		return;
	path = read_name(c, node->name);
	names = path && path[0]
			? reallocarray(c->names, c->name_count + 1, sizeof(*names))
			: NULL;
	if (!names) {
		free(path);
		return;
	}
	c->names = names;
	c->names_size += strlen(path);
	names[c->name_count++] = (struct debug_elf_name){ path, module };
}

/* DT_DEBUG of the executable, or of the program that ld.so was told to start: of no other it is set. */
static uint64_t find_r_debug(const struct debug_elf *c)
{
	const struct view view = view_of(c);
	struct object object;
	uint64_t r_debug;

	if (object_read_executable(&view, &object) && object.dynamic &&
	    link_map_find(&view, object.dynamic, &r_debug) && r_debug)
		return r_debug;
	for (size_t i = 0; i < c->modules.count; i++) {
		if (object_read(&view, c->modules.list[i].start, &object) &&
		    object.dynamic && link_map_find(&view, object.dynamic, &r_debug) &&
		    r_debug)
			return r_debug;
	}
	return 0;
}

static const struct module *find_executable(const struct modules *modules)
{
	for (size_t i = 0; i < modules->count; i++) {
		if (modules->list[i].executable)
			return &modules->list[i];
	}
	return NULL;
}

static void take_names(struct debug_elf *c)
{
	const struct view view = view_of(c);
	const struct link_map_visit visit = { NULL, take_node, c };
	const struct module *executable = find_executable(&c->modules);
	struct link_map_walk walk = { 0 };
	uint64_t linker = 0;

	link_map_each(&view, find_r_debug(c), &visit, &walk);
	(void)notes_auxv(&c->notes, AT_BASE,
			 &linker); /* 0: the kernel loaded no linker */
	c->by_linker = c->program && executable && c->program != executable && !linker;
	if (!c->by_linker)
		c->program = executable;
}

int debug_elf_open(int fd, struct debug_elf *ret)
{
	int r;

	*ret = (struct debug_elf){ .fd = fd };
	core_init(&ret->core);
	ret->core.skip_notes = true; /* read_notes() takes what is of use */
	r = feed(ret);
	if (r == 0)
		r = read_notes(ret);
	if (r < 0)
		return r;
	r = window_core_open(&ret->core, window_core_pread_fd, &ret->fd, &ret->window);
	if (r == 0)
		r = modules_read(&ret->notes, NULL, &ret->window.memory,
				 DEBUG_ELF_MODULES_MAX, &ret->modules);
	if (r < 0)
		return r;
	take_names(ret);
	return 0;
}

void debug_elf_close(struct debug_elf *c)
{
	for (size_t i = 0; i < c->name_count; i++)
		free(c->names[i].path);
	free(c->names);
	modules_done(&c->modules);
	if (c->window.pread)
		window_core_close(&c->window);
	notes_done(&c->notes);
	core_done(&c->core);
}

bool debug_elf_read(const struct debug_elf *c, uint64_t address, void *to, size_t n)
{
	return memory_read(&c->window.memory, address, to, n);
}

static int write_segment(const struct debug_elf *c, size_t i)
{
	uint8_t raw[sizeof(Elf64_Phdr)];
	size_t n = elf_segment_size(c->core.header.word);

	elf_segment_write(c->core.header.word, &c->core.segments[i], raw);
	return io_pwrite_full(c->fd, raw, n, c->core.header.phoff + i * n);
}

static bool holds(const struct spans *spans, uint64_t address)
{
	size_t i = spans_above(spans, address);

	return i < spans->count && spans->spans[i].start <= address;
}

int debug_elf_hide(struct debug_elf *c, const struct spans *spans)
{
	int r = 0;

	for (size_t i = 0; i < c->core.count && r == 0; i++) {
		struct segment *s = &c->core.segments[i];

		if (s->type != PT_LOAD || s->filesz >= s->memsz ||
		    !holds(spans, s->vaddr))
			continue;
		s->memsz = s->filesz;
		if (s->memsz == 0)
			s->type = PT_NULL;
		r = write_segment(c, i);
	}
	return r;
}

/* The value of an entry of the auxiliary vector in the file. */
static int write_auxv(const struct debug_elf *c, uint64_t type, uint64_t value)
{
	size_t word = c->notes.word;
	uint64_t at, found;
	uint8_t raw[8];
	int r = 0;

	at = c->core.note_segment->offset + (uint64_t)(c->notes.auxv.p - c->core.notes.p);
	for (size_t i = 0; bytes_number(c->notes.auxv, 2 * i * word, word, &found); i++) {
		if (found != type)
			continue;
		for (size_t k = 0; k < word; k++)
			raw[k] = (uint8_t)(value >> 8 * k);
		r = io_pwrite_full(c->fd, raw, word, at + (2 * i + 1) * word);
	}
	return r;
}

int debug_elf_as_started(struct debug_elf *c)
{
	const struct view view = view_of(c);
	uint8_t raw[sizeof(Elf64_Ehdr)] = { 0 };
	const struct bytes bytes = { raw, sizeof(raw) };
	uint64_t base = c->program->start, entry;
	const struct module *linker = find_executable(&c->modules);
	struct elf_header header;
	struct object object;
	int r;

	if (!debug_elf_read(c, base, raw, elf_header_size(c->notes.word)) ||
	    elf_object_read(bytes, &header) || !object_read(&view, base, &object))
		return 0;
	/* e_entry is behind e_ident, e_type, e_machine and e_version in both classes */
	entry = bytes_number_or_0(bytes, 24, header.word) + object.bias;
	r = write_auxv(c, AT_PHDR, base + header.phoff);
	if (r == 0)
		r = write_auxv(c, AT_PHNUM, header.phnum);
	if (r == 0)
		r = write_auxv(c, AT_ENTRY, entry);
	return r == 0 ? write_auxv(c, AT_BASE, linker->start) : r;
}
