/* SPDX-License-Identifier: MIT */
/*
 * The beginning of a core as it comes out of the pipe: ELF header, program headers, notes.
 * fs/coredump.c and fs/binfmt_elf.c (elf_core_dump) write them in this order, then the
 * memory of each PT_LOAD at its p_offset; with 65,535 program headers or more, e_phnum is
 * PN_XNUM and a section header with the true number follows at the very end.
 *
 * Fed in chunks of any size. Takes all counts and sizes as hostile: it buffers only what
 * really came, up to CORE_HEADER_MAX, never what a header announces.
 */
#pragma once

#include <stdint.h>

#include "filter/elf.h"

/*
 * 4,000,000 mappings or 50,000 threads with AVX-512 state: vm.max_map_count of the largest
 * known installations, and more than pid_max allows threads of one process by default.
 */
#define CORE_HEADER_MAX (256u << 20)

struct core {
	struct elf_header header;
	struct segment *segments; /* all program headers, in the order of the file */
	size_t count;
	struct bytes notes; /* contents of PT_NOTE; empty if there is none */
	bool skip_notes; /* set before the first byte: without the contents of PT_NOTE */
	bool notes_late; /* PT_NOTE comes after memory: gdb's generate-core-file */
	struct bytes
		header_bytes; /* all that was buffered: [0, header_bytes.n) of the file */
	uint64_t data_start; /* p_offset of the first memory; the core's size if none */
	uint64_t size; /* bytes of the whole core as the headers announce it */
	const char *problem; /* static text, once core_feed() has failed */

	/* the reader's own */
	uint8_t *buffer;
	size_t buffered, capacity;
	uint64_t needed; /* bytes until the next step can be taken */
	unsigned int step;
	const struct segment *note_segment; /* the first PT_NOTE; NULL */
	uint8_t *late_notes;
};

/* The first PT_LOAD that holds an address; NULL. */
const struct segment *core_segment_at(const struct core *core, uint64_t address);

void core_init(struct core *core);
void core_done(struct core *core);

/*
 * Give the next n bytes. *ret_used: how many were taken; the rest is memory.
 * Return: 1 all is here; 0 more is needed; -EBADMSG malformed, see core->problem; -ENOMEM.
 */
int core_feed(struct core *core, const uint8_t *p, size_t n, size_t *ret_used);

/*
 * Where notes come late (notes_late), they can be handed in by who can seek. Takes a copy.
 * core_late_notes() says where they are. Return: 0 or -ENOMEM.
 */
void core_late_notes(const struct core *core, uint64_t *ret_offset, uint64_t *ret_size);
int core_set_notes(struct core *core, const uint8_t *p, size_t n);
