/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dumpctl/reader_memory.h"

static int take_range(struct reader *reader, struct reader_rest *rest,
		      struct memory_map *map)
{
	struct memory_map_range range = {
		.start = (uint64_t)reader_take_number(rest),
		.end = (uint64_t)reader_take_number(rest),
		.flags = (uint8_t)reader_take_number(rest),
	};
	_cleanup_free_ char *name = NULL;
	char fate[MEMORY_MAP_WORD_MAX + 1], rank[MEMORY_MAP_WORD_MAX + 1];
	int r;

	reader_take_words(rest, fate, sizeof(fate));
	reader_take_words(rest, rank, sizeof(rank));
	r = reader_take_text(rest, &name);
	range.fate = fate;
	range.rank = rank;
	range.name = name;
	range.name_size = name ? strlen(name) : 0;
	if (r == 0)
		r = memory_map_add(map, &range);
	return r < 0 && r != -ENOMEM ? reader_nonsense(reader) : r;
}

static int take_ranges(struct reader *reader, struct memory_map *map)
{
	struct reader_rest rest = reader_rest_of(reader->message);
	int r = 0;

	while (r == 0 && rest.n > 0)
		r = take_range(reader, &rest, map);
	return r;
}

int reader_take_map(struct reader *reader, struct memory_map *map)
{
	int r = reader_next(reader, -1);

	while (r == 0 && reader->message->kind == READER_RANGES) {
		r = take_ranges(reader, map);
		if (r == 0)
			r = reader_next(reader, -1);
	}
	return r;
}

int reader_memory(struct reader *reader, int fd, struct memory_map *ret,
		  bool *ret_derived)
{
	_cleanup_memory_map_ struct memory_map map = { 0 };
	struct reader_rest rest;
	int r = reader_ensure(reader);

	if (r < 0)
		return r;
	reader_ask(reader, READER_MEMORY);
	r = reader_send(reader, &fd, 1);
	if (r == 0)
		r = reader_take_map(reader, &map);
	if (r == 0)
		r = reader_take_answer(reader, &rest);
	if (r < 0)
		return r;
	*ret_derived = reader_take_number(&rest) != 0;
	if (rest.bad)
		return reader_nonsense(reader);
	*ret = map;
	map = (struct memory_map){ 0 };
	return 0;
}
