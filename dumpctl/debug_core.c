/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dumpctl/debug_core.h"
#include "dumpctl/debug_elf.h"
#include "store/modules.h"

/* Each has three words in the note, of which 32 bits are the least. */
#define FILES_MAX (DEBUG_ELF_NOTES_MAX / 12)

/* In one question. */
#define SPANS_MAX (READER_BYTES / sizeof(struct span))

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* What the record has of a module that the core tells nothing of. */
static void take_line(const struct module_line *line, struct build_id *id)
{
	size_t n = strlen(line->build_id) / 2;

	if (id->state != BUILD_ID_UNREAD || n < BUILD_ID_MIN || n > BUILD_ID_MAX)
		return;
	id->state = BUILD_ID_FOUND;
	id->n = (uint8_t)n;
	for (size_t i = 0; i < n; i++)
		id->bytes[i] = (uint8_t)(digit(line->build_id[2 * i]) << 4 |
					 digit(line->build_id[2 * i + 1]));
}

static void take_record(const struct record *record, struct modules *modules)
{
	const char *text = record->modules ? record->modules : "";
	struct module_line line;

	while (modules_next(&text, &line)) {
		for (size_t i = 0; i < modules->count; i++) {
			if (modules->list[i].start == line.start)
				take_line(&line, &modules->list[i].build_id);
		}
	}
}

/* Room for one more. Return: the list, or NULL without memory, and it stays. */
static void *one_more(void *list, size_t n, size_t size)
{
	if ((n & (n - 1)) != 0)
		return list;
	return reallocarray(list, n ? n * 2 : 1, size);
}

static int take_module(struct reader_rest *rest, struct debug_core *core)
{
	struct modules *modules = &core->modules;
	struct module module = { .start = (uint64_t)reader_take_number(rest),
				 .end = (uint64_t)reader_take_number(rest) };
	struct module *list;

	reader_take_build_id(rest, &module.build_id);
	/* names point into the list */
	if (rest->bad || core->name_count || modules->count >= DEBUG_ELF_MODULES_MAX)
		return -EBADMSG;
	list = one_more(modules->list, modules->count, sizeof(*list));
	if (!list)
		return -ENOMEM;
	modules->list = list;
	list[modules->count++] = module;
	return 0;
}

static int take_file(struct reader_rest *rest, struct debug_core *core)
{
	struct file_mapping file = { .start = (uint64_t)reader_take_number(rest),
				     .end = (uint64_t)reader_take_number(rest) };
	struct file_mapping *list;
	char *path;
	int r = reader_take_text(rest, &path);

	if (r < 0)
		return r;
	file.path = (struct bytes){ (uint8_t *)path, path ? strlen(path) : 0 };
	if (!path || core->file_count >= FILES_MAX ||
	    file.path.n > DEBUG_ELF_NOTES_MAX - core->files_size) {
		free(path);
		return -EBADMSG;
	}
	list = one_more(core->files, core->file_count, sizeof(*list));
	if (!list) {
		free(path);
		return -ENOMEM;
	}
	core->files = list;
	core->files_size += file.path.n;
	list[core->file_count++] = file;
	return 0;
}

/* NULL: none of them. */
static const struct module *module_of(const struct debug_core *core, int64_t i)
{
	return i >= 0 && (uint64_t)i < core->modules.count ? &core->modules.list[i]
							   : NULL;
}

static int take_name(struct reader_rest *rest, struct debug_core *core)
{
	struct debug_name name = { .module = module_of(core, reader_take_number(rest)) };
	struct debug_name *list;
	int r = reader_take_text(rest, &name.path);

	if (r < 0)
		return r;
	if (!name.path || !name.path[0] || !name.module ||
	    core->name_count >= DEBUG_ELF_NAMES_MAX) {
		free(name.path);
		return -EBADMSG;
	}
	list = one_more(core->names, core->name_count, sizeof(*list));
	if (!list) {
		free(name.path);
		return -ENOMEM;
	}
	core->names = list;
	list[core->name_count++] = name;
	return 0;
}

/* A message of one of the lists. Return: 0; 1: it is another message; -ENOMEM; READER_DIED. */
static int take_list(struct debug_core *core)
{
	static int (*const takes[])(struct reader_rest *, struct debug_core *) = {
		[READER_MODULES] = take_module,
		[READER_FILES] = take_file,
		[READER_NAMES] = take_name,
	};
	const struct reader_message *message = core->reader->message;
	struct reader_rest rest = reader_rest_of(message);
	int r = 0;

	if (message->kind >= ARRAY_SIZE(takes) || !takes[message->kind])
		return 1;
	while (r == 0 && rest.n > 0)
		r = takes[message->kind](&rest, core);
	return r == -EBADMSG ? reader_nonsense(core->reader) : r;
}

static int take_answer(struct debug_core *core)
{
	struct reader_rest rest;
	int r = reader_take_answer(core->reader, &rest);
	int64_t word, machine, program;

	if (r < 0)
		return r;
	word = reader_take_number(&rest);
	machine = reader_take_number(&rest);
	program = reader_take_number(&rest);
	core->by_linker = reader_take_number(&rest) != 0;
	core->program = module_of(core, program);
	if (rest.bad || (word != 4 && word != 8) || machine < 0 || machine > UINT16_MAX ||
	    (program >= 0 && !core->program) || (core->by_linker && !core->program))
		return reader_nonsense(core->reader);
	core->word = (unsigned int)word;
	core->machine = (uint16_t)machine;
	return 0;
}

int debug_core_open(struct reader *reader, int fd, const struct record *record,
		    struct debug_core *ret)
{
	int r = reader_ensure(reader);

	*ret = (struct debug_core){ .reader = reader, .child = reader->child };
	if (r < 0)
		return r;
	reader_ask(reader, READER_CORE);
	r = reader_send(reader, &fd, 1);
	while (r == 0) {
		r = reader_next_soon(reader);
		if (r == 0)
			r = take_list(ret);
	}
	if (r == 1)
		r = take_answer(ret);
	if (r == -E2BIG) /* a part of it is of no use */
		debug_core_close(ret);
	if (r == 0)
		take_record(record, &ret->modules);
	return r;
}

void debug_core_close(struct debug_core *core)
{
	for (size_t i = 0; i < core->name_count; i++)
		free(core->names[i].path);
	for (size_t i = 0; i < core->file_count; i++)
		free((void *)core->files[i].path.p);
	free(core->names);
	free(core->files);
	modules_done(&core->modules);
	*core = (struct debug_core){ .reader = core->reader, .child = core->child };
}

bool debug_core_is_lost(const struct debug_core *core)
{
	return core->reader->socket < 0 || core->reader->child != core->child;
}

/* A question, with a descriptor or -1. Return: as of reader.h; *ret: the rest of the answer. */
static int talk(const struct debug_core *core, int fd, struct reader_rest *ret)
{
	struct reader *reader = core->reader;
	int r = reader_send(reader, &fd, fd >= 0);

	if (r == 0)
		r = reader_next_soon(reader);
	return r == 0 ? reader_take_answer(reader, ret) : r;
}

bool debug_core_page(const struct debug_core *core, uint64_t address, uint8_t to[PAGE])
{
	struct reader_rest rest;

	if (debug_core_is_lost(core))
		return false;
	reader_ask(core->reader, READER_PAGE);
	reader_put_number(core->reader->message, (int64_t)address);
	if (talk(core, -1, &rest) < 0)
		return false;
	reader_take_raw(&rest, to, PAGE);
	if (rest.bad)
		(void)reader_nonsense(core->reader); /* it is lost */
	return !rest.bad;
}

int debug_core_build_id(const struct debug_core *core, int fd, uint64_t size,
			struct build_id *ret)
{
	struct reader_rest rest;
	int r;

	if (debug_core_is_lost(core))
		return READER_DIED;
	reader_ask(core->reader, READER_BUILD_ID);
	reader_put_number(core->reader->message, (int64_t)size);
	r = talk(core, fd, &rest);
	if (r < 0)
		return r;
	reader_take_build_id(&rest, ret);
	return rest.bad ? reader_nonsense(core->reader) : 0;
}

void debug_core_header(const struct debug_core *core, uint8_t *to)
{
	bool wide = core->word == 8;
	Elf64_Ehdr e64 = { .e_type = ET_DYN,
			   .e_machine = core->machine,
			   .e_version = EV_CURRENT,
			   .e_ehsize = sizeof(e64),
			   .e_phentsize = sizeof(Elf64_Phdr) };
	Elf32_Ehdr e32 = { .e_type = ET_DYN,
			   .e_machine = core->machine,
			   .e_version = EV_CURRENT,
			   .e_ehsize = sizeof(e32),
			   .e_phentsize = sizeof(Elf32_Phdr) };

	if (wide)
		memcpy(to, &e64, sizeof(e64));
	else
		memcpy(to, &e32, sizeof(e32));
	to[EI_MAG0] = ELFMAG0;
	to[EI_MAG1] = ELFMAG1;
	to[EI_MAG2] = ELFMAG2;
	to[EI_MAG3] = ELFMAG3;
	to[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
	to[EI_DATA] = ELFDATA2LSB;
	to[EI_VERSION] = EV_CURRENT;
}

static int hide(const struct debug_core *core, const struct span *spans, size_t n)
{
	struct reader_rest rest;

	if (debug_core_is_lost(core))
		return READER_DIED;
	reader_ask(core->reader, READER_HIDE);
	for (size_t i = 0; i < n; i++) {
		reader_put_number(core->reader->message, (int64_t)spans[i].start);
		reader_put_number(core->reader->message, (int64_t)spans[i].end);
	}
	return talk(core, -1, &rest);
}

int debug_core_hide(const struct debug_core *core, const struct spans *spans)
{
	int r = 0;

	for (size_t at = 0, n; at < spans->count && r == 0; at += n) {
		n = spans->count - at < SPANS_MAX ? spans->count - at : SPANS_MAX;
		r = hide(core, spans->spans + at, n);
	}
	return r;
}

int debug_core_as_started(const struct debug_core *core)
{
	struct reader_rest rest;

	if (debug_core_is_lost(core))
		return READER_DIED;
	reader_ask(core->reader, READER_AS_STARTED);
	return talk(core, -1, &rest);
}
