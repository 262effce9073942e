/* SPDX-License-Identifier: MIT */
/*
 * dumpctl info --memory: what became of a process' memory, as a picture for people and as
 * JSON for programs.
 */
#pragma once

#include <stdio.h>

#include "dumpctl/memory_rows.h"
#include "dumpctl/reader.h"
#include "store/index.h"

struct memory_options {
	bool json;
	bool all; /* a line for each mapping */
};

/*
 * Of each entry; a message for each that has no dump to look at. Return: 0; -ENOENT: there was such a
 * message; -ENOMEM.
 */
int memory_show(struct index_entry *const *entries, size_t count, struct reader *reader,
		const struct memory_options *options) _must_check_;

/* One dump's part of that. Return: 0 or -ENOMEM. */
int memory_json(const struct index_entry *entry, const struct memory_map *map,
		bool derived, FILE *out) _must_check_;

struct memory_style {
	int width; /* of the terminal, 0: none */
	bool utf8, colours;
};

int memory_picture(const struct memory_map *map, const struct memory_rows *rows,
		   const struct memory_style *style, FILE *out) _must_check_;
int memory_summary(const struct memory_map *map, bool derived,
		   const struct memory_style *style, FILE *out) _must_check_;
