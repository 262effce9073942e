/* SPDX-License-Identifier: MIT */
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>

#include "tests/fuzz/elf_peer.h"
#include "tests/unit/table.h"

#include "filter/notes.h"

static Elf *open_peer(const struct built *file)
{
	Elf *elf;

	assert_int_not_equal(elf_version(EV_CURRENT), EV_NONE);
	elf = elf_memory((char *)file->p, file->n);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		return elf;
	elf_end(elf);
	return NULL;
}

bool elf_peer_takes(const struct built *file)
{
	Elf *elf = open_peer(file);
	bool takes = elf;

	elf_end(elf);
	return takes;
}

static const char *segment_differs(const GElf_Phdr *peer, const struct segment *s)
{
	if (peer->p_type != s->type || peer->p_flags != s->flags)
		return "libelf sees another type or other flags of a segment";
	if (peer->p_offset != s->offset || peer->p_filesz != s->filesz)
		return "libelf sees a segment at another place of the file";
	if (peer->p_vaddr != s->vaddr || peer->p_memsz != s->memsz ||
	    peer->p_align != s->align)
		return "libelf sees a segment at another address";
	return NULL;
}

static const char *segments_differ(Elf *elf, const struct core *core, bool strict)
{
	const char *problem = NULL;
	GElf_Phdr phdr;
	size_t count;

	if (elf_getphdrnum(elf, &count) < 0)
		return strict ? "libelf cannot count program headers" : NULL;
	if (count != core->count)
		return strict ? "libelf counts other program headers" : NULL;
	for (size_t i = 0; i < count && !problem; i++) {
		if (gelf_getphdr(elf, (int)i, &phdr))
			problem = segment_differs(&phdr, &core->segments[i]);
		else if (strict)
			problem = "libelf cannot read a program header";
	}
	return problem;
}

const char *elf_peer_differs(const struct built *file, const struct core *core)
{
	Elf *elf = open_peer(file);
	const char *problem = elf ? segments_differ(elf, core, false) : NULL;

	elf_end(elf);
	return problem;
}

const char *elf_peer_refuses(const struct built *file)
{
	const char *problem = NULL;
	struct core core;
	Elf *elf;

	core_init(&core);
	if (built_feed(file, file->n ? file->n : 1, &core) != 1)
		problem = core.problem ? core.problem : "a new core has no header";
	elf = problem ? NULL : open_peer(file);
	if (!problem)
		problem = elf ? segments_differ(elf, &core, true)
			      : "libelf does not take a new core for ELF";
	elf_end(elf);
	core_done(&core);
	return problem;
}

/* A core of nothing but these notes: libelf gives notes of a file only. */
static struct built wrap(struct bytes notes)
{
	const Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(header),
	};
	struct built file = { calloc(1, sizeof(header) + notes.n),
			      sizeof(header) + notes.n };

	assert_non_null(file.p);
	memcpy(file.p, &header, sizeof(header));
	if (notes.n)
		memcpy(file.p + sizeof(header), notes.p, notes.n);
	return file;
}

/* libelf counts the NUL of a name, and some notes have none. */
static bool same_name(const struct note *note, const uint8_t *p, size_t n)
{
	if (n > 0 && p[n - 1] == '\0')
		n--;
	return note->name.n == n && (n == 0 || memcmp(note->name.p, p, n) == 0);
}

static const char *notes_differ(struct bytes notes, Elf_Data *data, const uint8_t *base)
{
	size_t at = 0, peer_at = 0, name_at, desc_at;
	struct note note;
	GElf_Nhdr header;

	while (note_next(notes, &at, &note)) {
		peer_at = gelf_getnote(data, peer_at, &header, &name_at, &desc_at);
		if (peer_at == 0) /* it asks for padding behind the last one, too */
			return at < notes.n ? "libelf sees the end of notes before"
					    : NULL;
		if (header.n_type != note.type || header.n_descsz != note.desc.n)
			return "libelf sees another type or size of a note";
		if (header.n_descsz && (size_t)(note.desc.p - notes.p) != desc_at)
			return "libelf sees a note's content at another place";
		if (!same_name(&note, base + name_at, header.n_namesz))
			return "libelf sees another name of a note";
	}
	return NULL;
}

const char *elf_peer_notes(struct bytes notes)
{
	struct built file = wrap(notes);
	const char *problem = NULL;
	Elf *elf = open_peer(&file);
	Elf_Data *data = elf && notes.n ? elf_getdata_rawchunk(elf, sizeof(Elf64_Ehdr),
							       notes.n, ELF_T_NHDR)
					: NULL;

	if (data)
		problem = notes_differ(notes, data, data->d_buf);
	elf_end(elf);
	built_done(&file);
	return problem;
}
