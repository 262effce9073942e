/* SPDX-License-Identifier: MIT */
/*
 * Which pages of the process exist. For the files handler/source_*.c alone, as handler/source_parts.h.
 */
#pragma once

#include "handler/source_parts.h"

/*
 * The first pages of [start, end), in addresses, that exist: at most `max` of them, 0: all in a row. Return: false if
 * none do. What was learnt holds (source_memory_learn()); source_next_now() reads the page map in any case.
 */
bool source_next_existing(const struct source_memory *memory, uint64_t start,
			  uint64_t end, uint64_t max, uint64_t *ret_start,
			  uint64_t *ret_end);
bool source_next_now(const struct source_memory *memory, uint64_t start, uint64_t end,
		     uint64_t max, uint64_t *ret_start, uint64_t *ret_end);

/* The process has ended, so that all its pages look absent; never of what was learnt. */
bool source_is_gone(const struct source_memory *memory);
