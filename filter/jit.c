/* SPDX-License-Identifier: MIT */
#include <elf.h>

#include "filter/jit.h"
#include "filter/link_map.h"
#include "filter/mapping.h"
#include "filter/object.h"

/* A process with LLVM twice has two. */
#define DESCRIPTORS_MAX 4
#define MODULES_MAX	1024

/* The newest are first. An object file of LLVM's is 1 to 20 KiB. */
#define ENTRIES_MAX 1024
#define BYTES_MAX   (1u << 20)

/* Linkers write some 30. */
#define DYNAMIC_MAX 64

/* Symbols of one bucket: more is no table. */
#define CHAIN_MAX 64

/* Symbols whose names are compared, in all modules: those of this very hash. */
#define SYMBOLS_MAX 256

static const char name[] = "__jit_debug_descriptor";

struct jit {
	const struct view *view;
	struct ranges *ranges;
	size_t modules, descriptors, entries, symbols;
	uint64_t left; /* bytes of object files */
};

/* Of a module, in memory; 0: none. */
struct tables {
	uint64_t bias, hash, symbols, strings;
};

static bool word_at(const struct view *view, uint64_t address, size_t i, uint64_t *ret)
{
	size_t word = view->notes->word;

	return memory_number(view->memory, address + i * word, word, ret);
}

static bool number_at(const struct view *view, uint64_t address, uint64_t i,
		      uint64_t *ret)
{
	return memory_number(view->memory, address + 4 * i, 4, ret);
}

/* glibc adds the bias to the addresses in its own copy of the table, musl does not. */
static uint64_t address_of(uint64_t value, uint64_t bias)
{
	return value < bias ? value + bias : value;
}

static bool read_tables(const struct view *view, uint64_t dynamic, uint64_t bias,
			struct tables *ret)
{
	size_t word = view->notes->word;
	uint8_t raw[sizeof(uint64_t) * 2 * DYNAMIC_MAX];
	struct bytes words = { raw, 0 };

	*ret = (struct tables){ .bias = bias };
	words.n = memory_read_some(view->memory, dynamic, raw, word * 2 * DYNAMIC_MAX);
	for (size_t i = 0; i + 1 < words.n / word; i += 2) {
		uint64_t tag = bytes_word(words, i, word);
		uint64_t value = bytes_word(words, i + 1, word);

		if (tag == DT_NULL)
			break;
		if (tag == DT_GNU_HASH)
			ret->hash = address_of(value, bias);
		else if (tag == DT_SYMTAB)
			ret->symbols = address_of(value, bias);
		else if (tag == DT_STRTAB)
			ret->strings = address_of(value, bias);
	}
	return ret->hash && ret->symbols && ret->strings;
}

static uint32_t hash_of(const char *text)
{
	uint32_t hash = 5381;

	for (; *text; text++)
		hash = hash * 33 + (uint8_t)*text;
	return hash;
}

/* Return: whether symbol i has the name; *ret its address. */
static bool is_symbol(const struct view *view, const struct tables *tables, uint64_t i,
		      uint64_t *ret)
{
	bool wide = view->notes->word == 8;
	uint64_t at =
		tables->symbols + i * (wide ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym));
	uint64_t string, value;
	char text[sizeof(name)];

	if (!number_at(view, at, 0, &string) ||
	    !word_at(view, at + (wide ? 8 : 4), 0, &value) || value == 0 ||
	    !memory_read(view->memory, tables->strings + string, text, sizeof(text)) ||
	    memcmp(text, name, sizeof(text)) != 0)
		return false;
	*ret = tables->bias + value;
	return true;
}

/* The chain from a symbol on. */
static bool find_in_chain(struct jit *jit, const struct tables *tables, uint64_t symbol,
			  uint64_t chain, uint64_t *ret)
{
	const uint32_t hash = hash_of(name);
	uint8_t raw[CHAIN_MAX * sizeof(uint32_t)];
	struct bytes hashes = { raw, 0 };

	hashes.n = memory_read_some(jit->view->memory, chain, raw, sizeof(raw));
	for (size_t i = 0; i < hashes.n / sizeof(uint32_t); i++) {
		uint64_t value = bytes_word(hashes, i, sizeof(uint32_t));

		if ((value | 1) == (hash | 1) && jit->symbols++ < SYMBOLS_MAX &&
		    is_symbol(jit->view, tables, symbol + i, ret))
			return true;
		if (value & 1)
			return false;
	}
	return false;
}

/* {buckets, first symbol, words of the filter, shift}, filter, buckets, chains (DT_GNU_HASH). */
static bool find_symbol(struct jit *jit, const struct tables *tables, uint64_t *ret)
{
	const struct view *view = jit->view;
	const uint32_t hash = hash_of(name);
	const unsigned int bits = view->notes->word * 8;
	uint64_t buckets, first, words, shift, filter, i, at;

	if (!number_at(view, tables->hash, 0, &buckets) ||
	    !number_at(view, tables->hash, 1, &first) ||
	    !number_at(view, tables->hash, 2, &words) ||
	    !number_at(view, tables->hash, 3, &shift) || !buckets || !words || shift > 31)
		return false;
	at = tables->hash + 16;
	if (!word_at(view, at, hash / bits % words, &filter) ||
	    !(filter >> hash % bits & 1) || !(filter >> (hash >> shift) % bits & 1))
		return false;
	at += words * view->notes->word;
	if (!number_at(view, at, hash % buckets, &i) || i < first)
		return false;
	return find_in_chain(jit, tables, i, at + (buckets + i - first) * 4, ret);
}

/* The size is 64 bits in either class. */
static bool add_entry(struct jit *jit, uint64_t entry, uint64_t *ret_next)
{
	const struct view *view = jit->view;
	size_t word = view->notes->word;
	uint64_t file, size;

	if (!word_at(view, entry, 0, ret_next) || !word_at(view, entry, 2, &file) ||
	    !memory_number(view->memory, entry + 3 * word, 8, &size))
		return false;
	*ret_next = notes_address(view->notes, *ret_next);
	mapping_add(view, entry, 3 * word + 8, RANK_LOADER, jit->ranges);
	if (size > jit->left)
		size = jit->left;
	jit->left -= size;
	if (size)
		mapping_add(view, notes_address(view->notes, file), size, RANK_LOADER,
			    jit->ranges);
	return true;
}

static void add_descriptor(struct jit *jit, uint64_t descriptor)
{
	const struct view *view = jit->view;
	size_t word = view->notes->word;
	uint64_t entry;

	jit->descriptors++;
	mapping_add(view, descriptor, 8 + 2 * word, RANK_LOADER, jit->ranges);
	if (!word_at(view, descriptor + 8, 1, &entry))
		return;
	entry = notes_address(view->notes, entry);
	while (entry && jit->entries++ < ENTRIES_MAX) {
		if (!add_entry(jit, entry, &entry))
			break;
	}
}

static void look_in(void *context, const struct link_map_node *node)
{
	struct jit *jit = context;
	struct tables tables;
	uint64_t bias, descriptor;

	if (jit->modules++ >= MODULES_MAX || jit->descriptors >= DESCRIPTORS_MAX)
		return;
	if (word_at(jit->view, node->node, 0, &bias) &&
	    read_tables(jit->view, node->dynamic, bias, &tables) &&
	    find_symbol(jit, &tables, &descriptor))
		add_descriptor(jit, descriptor);
}

void jit_add(const struct view *view, struct ranges *ranges)
{
	struct jit jit = { .view = view, .ranges = ranges, .left = BYTES_MAX };
	const struct link_map_visit visit = { .node = look_in, .context = &jit };
	struct link_map_walk walk = { .nodes = 0 };
	struct object executable;
	uint64_t r_debug;

	if (object_read_executable(view, &executable) && executable.dynamic &&
	    link_map_find(view, executable.dynamic, &r_debug) && r_debug)
		link_map_each(view, r_debug, &visit, &walk);
}
