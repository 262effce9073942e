/* SPDX-License-Identifier: MIT */
#include "filter/elf.h"

size_t elf_header_size(unsigned int word)
{
	return word == 8 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

size_t elf_segment_size(unsigned int word)
{
	return word == 8 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

size_t elf_section_size(unsigned int word)
{
	return word == 8 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

static const char *ident_check(const uint8_t ident[EI_NIDENT])
{
	if (memcmp(ident, ELFMAG, SELFMAG) != 0)
		return "not an ELF file";
	if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64)
		return "neither a 32-bit nor a 64-bit ELF file";
	if (ident[EI_DATA] != ELFDATA2LSB)
		return "not a little-endian ELF file";
	return NULL;
}

#define HEADER_TAKE(ret, e)                         \
	do {                                        \
		(ret)->type = (e).e_type;           \
		(ret)->machine = (e).e_machine;     \
		(ret)->phnum = (e).e_phnum;         \
		(ret)->phentsize = (e).e_phentsize; \
		(ret)->ehsize = (e).e_ehsize;       \
		(ret)->phoff = (e).e_phoff;         \
		(ret)->shoff = (e).e_shoff;         \
	} while (0)

static bool header_take(struct bytes b, struct elf_header *ret)
{
	Elf64_Ehdr e64;
	Elf32_Ehdr e32;

	if (ret->word == 8) {
		if (!bytes_copy(b, 0, &e64, sizeof(e64)))
			return false;
		HEADER_TAKE(ret, e64);
	} else {
		if (!bytes_copy(b, 0, &e32, sizeof(e32)))
			return false;
		HEADER_TAKE(ret, e32);
	}
	return true;
}

const char *elf_object_read(struct bytes b, struct elf_header *ret)
{
	uint8_t ident[EI_NIDENT];
	const char *problem;

	if (!bytes_copy(b, 0, ident, sizeof(ident)))
		return "shorter than an ELF header";
	problem = ident_check(ident);
	if (problem)
		return problem;
	ret->word = ident[EI_CLASS] == ELFCLASS64 ? 8 : 4;
	if (!header_take(b, ret))
		return "shorter than an ELF header";
	if (ret->phentsize != elf_segment_size(ret->word))
		return "program headers of an impossible size";
	if (ret->phoff < elf_header_size(ret->word))
		return "program headers inside the ELF header";
	return NULL;
}

const char *elf_header_read(struct bytes b, struct elf_header *ret)
{
	const char *problem = elf_object_read(b, ret);

	if (!problem && ret->type != ET_CORE)
		problem = "an ELF file, but not a core";
	return problem;
}

#define SEGMENT_TAKE(to, from)                  \
	do {                                    \
		(to)->type = (from).p_type;     \
		(to)->flags = (from).p_flags;   \
		(to)->offset = (from).p_offset; \
		(to)->vaddr = (from).p_vaddr;   \
		(to)->filesz = (from).p_filesz; \
		(to)->memsz = (from).p_memsz;   \
		(to)->align = (from).p_align;   \
	} while (0)

bool elf_segment_read(unsigned int word, struct bytes b, uint64_t offset,
		      struct segment *ret)
{
	Elf64_Phdr p64;
	Elf32_Phdr p32;

	if (word == 8) {
		if (!bytes_copy(b, offset, &p64, sizeof(p64)))
			return false;
		SEGMENT_TAKE(ret, p64);
	} else {
		if (!bytes_copy(b, offset, &p32, sizeof(p32)))
			return false;
		SEGMENT_TAKE(ret, p32);
	}
	return true;
}

#define SEGMENT_GIVE(to, from, type_)                  \
	do {                                           \
		(to).p_type = (from)->type;            \
		(to).p_flags = (from)->flags;          \
		(to).p_offset = (type_)(from)->offset; \
		(to).p_vaddr = (type_)(from)->vaddr;   \
		(to).p_filesz = (type_)(from)->filesz; \
		(to).p_memsz = (type_)(from)->memsz;   \
		(to).p_align = (type_)(from)->align;   \
	} while (0)

void elf_segment_write(unsigned int word, const struct segment *segment, uint8_t *p)
{
	Elf64_Phdr p64 = { 0 };
	Elf32_Phdr p32 = { 0 };

	if (word == 8) {
		SEGMENT_GIVE(p64, segment, uint64_t);
		memcpy(p, &p64, sizeof(p64));
	} else {
		SEGMENT_GIVE(p32, segment, uint32_t);
		memcpy(p, &p32, sizeof(p32));
	}
}

#define HEADER_PATCH(e, phoff_, phnum_, shoff_, type_) \
	do {                                           \
		(e).e_phoff = (type_)(phoff_);         \
		(e).e_phnum = (phnum_);                \
		(e).e_shoff = (type_)(shoff_);         \
		(e).e_shnum = (shoff_) ? 1 : 0;        \
		(e).e_shstrndx = SHN_UNDEF;            \
	} while (0)

void elf_header_patch(unsigned int word, uint8_t *p, uint64_t phoff, uint16_t phnum,
		      uint64_t shoff)
{
	Elf64_Ehdr e64;
	Elf32_Ehdr e32;

	if (word == 8) {
		memcpy(&e64, p, sizeof(e64));
		HEADER_PATCH(e64, phoff, phnum, shoff, uint64_t);
		e64.e_shentsize = shoff ? sizeof(Elf64_Shdr) : 0;
		memcpy(p, &e64, sizeof(e64));
	} else {
		memcpy(&e32, p, sizeof(e32));
		HEADER_PATCH(e32, phoff, phnum, shoff, uint32_t);
		e32.e_shentsize = shoff ? sizeof(Elf32_Shdr) : 0;
		memcpy(p, &e32, sizeof(e32));
	}
}

void elf_xnum_write(unsigned int word, uint32_t phnum, uint8_t *p)
{
	Elf64_Shdr s64 = { .sh_info = phnum, .sh_size = 1 };
	Elf32_Shdr s32 = { .sh_info = phnum, .sh_size = 1 };

	if (word == 8)
		memcpy(p, &s64, sizeof(s64));
	else
		memcpy(p, &s32, sizeof(s32));
}
