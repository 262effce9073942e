/* SPDX-License-Identifier: MIT */
/*
 * This very process plays the crashed one: a core whose program headers name mappings of the test, private, without
 * rights, of a file, and shared, in each of which some pages are there.
 */
#pragma once

#include "tests/unit/core_builder.h"

#include "filter/plan.h"
#include "handler/source_memory.h"

#define PAGES 40u
#define SIZE  (PAGES * PAGE)

/* A letter for each page of a mapping: there, or absent. */
struct mapped_core {
	char *anonymous, *hidden, *file, *shared;
	struct core_builder b;
	struct built core_bytes;
	struct core core;
	struct notes notes;
	int mem_fd, pagemap_fd;
	struct source_memory *memory;
	uint8_t *expected; /* the core from data_start on */
	size_t expected_n;
};

/* For cmocka; *state is a struct mapped_core. */
int mapped_set_up(void **state);
int mapped_tear_down(void **state);

/* Where the core has a byte of this process. */
uint64_t mapped_offset(const struct core *core, const char *p);

/* All of a core is kept. */
struct plan mapped_plan(const struct core *core);
