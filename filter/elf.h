/* SPDX-License-Identifier: MIT */
/*
 * ELF header and program headers of both classes (System V ABI, gABI chapters 4 and 5;
 * <elf.h> for the shapes), read into and written from one form.
 */
#pragma once

#include <elf.h>
#include <stdbool.h>

#include "filter/bytes.h"

struct elf_header {
	unsigned int word; /* 4 or 8: bytes of an address, ELFCLASS32 or 64 */
	uint16_t type;
	uint16_t machine; /* EM_X86_64, EM_386, EM_AARCH64, ... */
	uint16_t phnum; /* as written; PN_XNUM: see core.h */
	uint16_t phentsize;
	uint16_t ehsize;
	uint64_t phoff;
	uint64_t shoff;
};

struct segment {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t filesz;
	uint64_t memsz;
	uint64_t align;
};

/* Bytes of the ELF header, a program header and a section header. */
size_t elf_header_size(unsigned int word);
size_t elf_segment_size(unsigned int word);
size_t elf_section_size(unsigned int word);

/*
 * Read a core's header from the beginning of b. Return: NULL, or what is wrong with it (static
 * text). Fewer bytes than a header are wrong too.
 */
const char *elf_header_read(struct bytes b, struct elf_header *ret);
/* The same of an ELF file of any type. */
const char *elf_object_read(struct bytes b, struct elf_header *ret);

/* Read the program header at b's offset; false beyond the end. */
bool elf_segment_read(unsigned int word, struct bytes b, uint64_t offset,
		      struct segment *ret);

/* Write one program header to p; values of a 32-bit core fit by construction. */
void elf_segment_write(unsigned int word, const struct segment *segment, uint8_t *p);

/* Change e_phoff, e_phnum, e_shoff, e_shnum, e_shentsize and e_shstrndx of the header at p. */
void elf_header_patch(unsigned int word, uint8_t *p, uint64_t phoff, uint16_t phnum,
		      uint64_t shoff);

/*
 * The section header that carries the number of program headers where e_phnum is PN_XNUM
 * (gABI, sh_info of section 0), elf_section_size() bytes, as fs/binfmt_elf.c writes it.
 */
void elf_xnum_write(unsigned int word, uint32_t phnum, uint8_t *p);
