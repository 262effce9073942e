/* SPDX-License-Identifier: MIT */
/*
 * Synthetic cores in the kernel's shape (fs/binfmt_elf.c): ELF header, program headers,
 * notes, padding to a page, memory. Each byte of memory is a function of its address, so
 * that whoever reads a core built from another one can tell whether a byte is right.
 *
 * Asserts that allocations succeed: these are tests.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/unit/built.h"

/* A page some of whose bytes a test has set. */
struct poked {
	uint64_t page;
	uint8_t bytes[PAGE];
};

struct core_builder {
	unsigned int word;
	uint16_t machine;
	struct built notes;
	struct segment *loads;
	size_t load_count, load_capacity;
	struct file_mapping *files;
	size_t file_count, file_capacity;
	struct poked *poked; /* by address */
	size_t poked_count, poked_capacity;
	uint32_t shuffle; /* not 0: memory in another order than program headers */
	bool sorted; /* headers in that order too, as kernel.core_sort_vma makes them */
	bool without_notes; /* no PT_NOTE at all */
	bool headers_only; /* the file ends where memory begins */
	bool notes_late; /* behind memory, as gdb's generate-core-file does */
};

void builder_init(struct core_builder *b, uint16_t machine);
void builder_done(struct core_builder *b);

void builder_note(struct core_builder *b, const char *name, uint32_t type,
		  const void *desc, size_t n);
/* NT_PRSTATUS and what carries the thread pointer, by the machine's own layout. */
void builder_thread(struct core_builder *b, uint32_t tid, uint64_t sp, uint64_t pc,
		    uint64_t tls);
void builder_psinfo(struct core_builder *b, uint32_t pid, uint32_t uid, const char *comm,
		    const char *arguments);
void builder_siginfo(struct core_builder *b, uint32_t signal, int32_t code,
		     uint64_t address);
/* n pairs; AT_NULL is added. */
void builder_auxv(struct core_builder *b, const uint64_t (*pairs)[2], size_t n);
/* A PT_LOAD. */
void builder_load(struct core_builder *b, uint64_t vaddr, uint64_t filesz, uint64_t memsz,
		  uint32_t flags);
/* A row of NT_FILE, which builder_files() writes out of all of them. */
void builder_file(struct core_builder *b, uint64_t start, uint64_t end, uint64_t page,
		  const char *path);
void builder_files(struct core_builder *b);

/* Memory at an address, in place of what is there else; and a number as wide as a pointer. */
void builder_poke(struct core_builder *b, uint64_t address, const void *p, size_t n);
void builder_poke_word(struct core_builder *b, uint64_t address, uint64_t value);
/* n bytes of memory as the core has them. */
void builder_peek(const struct core_builder *b, uint64_t address, void *to, size_t n);

struct built builder_build(struct core_builder *b);

/* What memory holds at an address that no test has set. */
uint8_t builder_byte(uint64_t address);

/* Numbers of `width` bytes, little endian. */
void builder_put(uint8_t *p, uint64_t value, size_t width);

/* xorshift32: the same numbers everywhere. */
uint32_t builder_random(uint32_t *state);

/* A program with two threads, libraries and a heap: what most tests plan. */
void builder_usual(struct core_builder *b, uint16_t machine);
