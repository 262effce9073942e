/* SPDX-License-Identifier: MIT */
/*
 * Cores in memory, as core_builder.h makes them and as a plan makes them new: fed to the
 * reader, and compared.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "filter/core.h"
#include "filter/notes.h"
#include "filter/plan.h"

struct built {
	uint8_t *p;
	size_t n;
};

void built_done(struct built *built);

/* Feed all of it in chunks. Return: core_feed()'s last answer. */
int built_feed(const struct built *built, size_t chunk, struct core *core);

/* The new core as the plan says: the slow way, for comparison. */
struct built built_output(const struct built *input, const struct plan *plan);

/*
 * Read a new core back and compare its memory with that of the old one. NULL if all is as it
 * must be, else what is wrong. *ret_memory: bytes of memory in it.
 */
const char *built_compare(const struct built *output, const struct built *input,
			  uint64_t *ret_memory);

/* The same with builder_byte(), where no test has set memory. */
const char *built_check(const struct built *output, uint64_t *ret_memory);

/* Whether a new core has all of [start, end), with bytes. */
bool built_has(const struct built *output, uint64_t start, uint64_t end);
/* Whether a program header names the address, with bytes or without. */
bool built_names(const struct built *output, uint64_t address);
