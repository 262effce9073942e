/* SPDX-License-Identifier: MIT */
/*
 * A core's headers as they come, one program header after the other, without keeping them: those of a giant are
 * hundreds of MiB. Finds wrong what core.h finds wrong, in some KiB of memory and what core_order.h takes.
 */
#pragma once

#include "filter/core.h"
#include "filter/core_order.h"

/* Of each program header, in the order of the file. Return: 0 to go on, negative errno to stop. */
typedef int (*core_scan_take)(void *context, const struct segment *segment);

struct core_scan {
	core_scan_take take; /* set before the first byte; NULL: nobody wants them */
	void *context;

	struct elf_header header;
	uint64_t count; /* program headers */
	struct segment note; /* the first PT_NOTE; type PT_NULL: there is none */
	uint64_t data_start; /* offset of the first memory; UINT64_MAX: there is none */
	uint64_t data_end; /* of the last */
	const char *problem; /* static text, once core_scan_feed() has failed */

	/* the reader's own */
	unsigned int step;
	uint64_t position, seen;
	uint8_t part[sizeof(Elf64_Ehdr)]; /* of a header, and nothing is larger */
	size_t have, want;
	uint64_t skip; /* bytes to pass over before */
	struct core_order in_file, in_memory;
};

void core_scan_init(struct core_scan *scan, core_scan_take take, void *context);
void core_scan_done(struct core_scan *scan);

/*
 * The next n bytes; p NULL: zeros. Return: 1: all program headers were there, and nothing is wrong; 0: more is
 * needed; -EBADMSG: malformed, see scan->problem; -ENOMEM; or what take returned.
 */
int core_scan_feed(struct core_scan *scan, const uint8_t *p, size_t n);

/* The notes lie in front of memory: they are headers. */
bool core_scan_notes_early(const struct core_scan *scan);
