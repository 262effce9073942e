/* SPDX-License-Identifier: MIT */
#include <elf.h>

#include "filter/elf.h"
#include "tests/unit/jit_world.h"
#include "tests/unit/rig.h"
#include "tests/unit/table.h"

#define PHDR	    UINT64_C(0x10040)
#define R_DEBUG	    UINT64_C(0x13000)
#define NODES	    UINT64_C(0x20000)
#define OTHERS_HASH UINT64_C(0x35000)
#define OTHERS	    UINT64_C(0x36000) /* noise for symbols */
#define FILE_SIZE   0x1800
#define NAME_AT	    1

static size_t symbol_size(const struct core_builder *b)
{
	return b->word == 8 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}

static void put(struct core_builder *b, uint64_t at, size_t width, uint64_t value)
{
	uint8_t raw[8];

	builder_put(raw, value, width);
	builder_poke(b, at, raw, width);
}

void jit_world_word(struct core_builder *b, uint64_t at, uint64_t i, uint64_t value)
{
	builder_poke_word(b, at + i * b->word, value);
}

static void put_symbol(struct core_builder *b, uint64_t i, uint64_t name, uint64_t value)
{
	uint64_t at = SYMBOLS + i * symbol_size(b);

	put(b, at, 4, name);
	jit_world_word(b, at + (b->word == 8 ? 8 : 4), 0, value);
}

static uint64_t buckets_at(const struct core_builder *b)
{
	return HASHES + 16 + WORDS * b->word;
}

void jit_world_tell(struct core_builder *b, const struct lie *lie)
{
	const uint64_t symbol = SYMBOLS + SYMBOL(POSITION) * symbol_size(b);
	const struct {
		uint64_t at;
		size_t width;
	} places[] = {
		[NODE] = { NODES, b->word },
		[DYNAMIC] = { MODULE, b->word },
		[HEAD] = { HASHES, 4 },
		[FILTER] = { HASHES + 16, b->word },
		[BUCKET] = { buckets_at(b), 4 },
		[CHAIN] = { buckets_at(b) + 4 * BUCKETS, 4 },
		[SYMBOL_NAME] = { symbol, 4 },
		[SYMBOL_VALUE] = { symbol + (b->word == 8 ? 8 : 4), b->word },
		[LIST] = { DESCRIPTOR + 8, b->word },
		[ENTRY_A] = { ENTRY(0), b->word },
		[ENTRY_B] = { ENTRY(1), b->word },
		[ENTRY_C] = { ENTRY(2), b->word },
		[SIZE_A] = { ENTRY(0) + 3 * b->word, 8 },
		[SIZE_B] = { ENTRY(1) + 3 * b->word, 8 },
		[SIZE_C] = { ENTRY(2) + 3 * b->word, 8 },
	};

	put(b, places[lie->place].at + lie->i * places[lie->place].width,
	    places[lie->place].width, lie->value);
}

/* The symbol, `position` others of the same hash before it, and one before its bucket. */
static void put_hashes(struct core_builder *b, uint64_t position)
{
	const unsigned int bits = b->word * 8;
	const uint64_t chains = buckets_at(b) + 4 * BUCKETS;

	put(b, HASHES, 4, BUCKETS);
	put(b, HASHES + 4, 4, FIRST);
	put(b, HASHES + 8, 4, WORDS);
	put(b, HASHES + 12, 4, SHIFT);
	for (uint64_t i = 0; i < WORDS; i++)
		jit_world_word(b, HASHES + 16, i, 0);
	jit_world_word(b, HASHES + 16, HASH / bits % WORDS,
		       UINT64_C(1) << HASH % bits | UINT64_C(1)
							    << (HASH >> SHIFT) % bits);
	for (uint64_t i = 0; i < BUCKETS; i++)
		put(b, buckets_at(b) + 4 * i, 4, i == HASH % BUCKETS ? SYMBOL(0) : 0);
	put(b, chains, 4, 1);
	for (uint64_t i = 0; i < position; i++) {
		put(b, chains + 4 * (1 + i), 4, HASH & ~UINT64_C(1));
		put_symbol(b, SYMBOL(i), OTHER_AT, 0x100);
	}
	put(b, chains + 4 * (1 + position), 4, HASH | 1);
	put_symbol(b, SYMBOL(position), NAME_AT, DESCRIPTOR - MODULE);
}

static void put_dynamic(struct core_builder *b, uint64_t at, uint64_t hashes,
			uint64_t symbols)
{
	const uint64_t words[] = { DT_NEEDED, 1,	 DT_GNU_HASH, hashes,  DT_STRTAB,
				   STRINGS,   DT_SYMTAB, symbols,     DT_NULL, 0 };

	for (uint64_t i = 0; i < ARRAY_SIZE(words); i++)
		jit_world_word(b, at, i, words[i]);
}

void jit_world_node(struct core_builder *b, uint64_t i, uint64_t bias, uint64_t dynamic,
		    bool last)
{
	uint64_t at = NODES + i * 5 * b->word;

	jit_world_word(b, at, 0, bias);
	jit_world_word(b, at, 1, 0);
	jit_world_word(b, at, L_LD, dynamic);
	jit_world_word(b, at, L_NEXT, last ? 0 : at + 5 * b->word);
}

static void put_list(struct core_builder *b)
{
	jit_world_word(b, DESCRIPTOR + 8, 0, 0);
	jit_world_word(b, DESCRIPTOR + 8, LIST_FIRST, ENTRY(0));
	for (uint64_t i = 0; i < 3; i++) {
		jit_world_word(b, ENTRY(i), ENTRY_NEXT, i < 2 ? ENTRY(i + 1) : 0);
		jit_world_word(b, ENTRY(i), ENTRY_FILE, FILE_AT(i));
		put(b, ENTRY(i) + 3 * b->word, 8, FILE_SIZE);
	}
}

/* An executable with a dynamic linker, whose first link_map is at NODES. */
static void put_executable(struct core_builder *b)
{
	static const uint64_t auxv[][2] = { { AT_PHDR, PHDR }, { AT_PHNUM, 2 } };
	static const struct segment segments[] = {
		{ .type = PT_PHDR, .vaddr = 0x40, .memsz = 0x70 },
		{ .type = PT_DYNAMIC, .vaddr = 0x2000, .memsz = 0x200 },
	};
	const size_t size = elf_segment_size(b->word);
	uint8_t raw[sizeof(Elf64_Phdr)];

	builder_auxv(b, auxv, ARRAY_SIZE(auxv));
	for (size_t i = 0; i < ARRAY_SIZE(segments); i++) {
		elf_segment_write(b->word, &segments[i], raw);
		builder_poke(b, PHDR + i * size, raw, size);
	}
	jit_world_word(b, EXECUTABLE, 0, DT_DEBUG);
	jit_world_word(b, EXECUTABLE, 1, R_DEBUG);
	jit_world_word(b, R_DEBUG, 0, 1);
	jit_world_word(b, R_DEBUG, 1, NODES);
}

/* 64 symbols of the same hash, in a chain without an end; the noise for symbols has names nowhere. */
static void put_alike(struct core_builder *b)
{
	builder_poke(b, OTHERS_HASH, &(uint32_t[]){ 1, 0, 1, 0 }, 16);
	jit_world_word(b, OTHERS_HASH + 16, 0, UINT64_MAX);
	put(b, OTHERS_HASH + 16 + b->word, 4, 0);
	for (uint64_t i = 0; i < 64; i++)
		put(b, OTHERS_HASH + 20 + b->word + 4 * i, 4, HASH & ~UINT64_C(1));
	put_dynamic(b, OTHER, OTHERS_HASH, OTHERS);
}

void jit_world_build(struct core_builder *b, uint16_t machine, uint64_t position)
{
	static const char name[] = "__jit_debug_descriptor";

	builder_init(b, machine);
	builder_load(b, 0x10000, 0x4000, 0x4000, PF_R);
	builder_load(b, 0x20000, 0x10000, 0x10000, RW);
	builder_load(b, 0x30000, 0x8000, 0x8000, PF_R);
	builder_load(b, 0x3a000, 0x7000, 0x7000, RW);
	builder_load(b, 0x50000, 0x10000, 0x10000, RW);
	builder_load(b, 0x100000, 0x300000, 0x300000, RW);
	put_executable(b);
	put_dynamic(b, MODULE, HASHES, SYMBOLS);
	put_hashes(b, position);
	put_alike(b);
	builder_poke(b, STRINGS + NAME_AT, name, sizeof(name));
	builder_poke(b, STRINGS + OTHER_AT, name, sizeof(name));
	builder_poke(b, STRINGS + OTHER_AT + sizeof(name) - 1, "s", 2);
	put_list(b);
}
