/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "store/frame.h"
#include "store/memory_map.h"

/* Before a text: its length. */
#define TEXT_HEADER 2

/* Neighbours share a name: a library's mappings, an arena's. Older ones are not looked for. */
#define NAMES_ASKED 16

static void put_le64(uint8_t *p, uint64_t value)
{
	frame_put_le32(p, (uint32_t)value);
	frame_put_le32(p + 4, (uint32_t)(value >> 32));
}

static uint64_t get_le64(const uint8_t *p)
{
	return frame_get_le32(p) | (uint64_t)frame_get_le32(p + 4) << 32;
}

static void texts_done(struct memory_map_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->texts[i]);
	free(texts->texts);
}

void memory_map_done(struct memory_map *map)
{
	texts_done(&map->words);
	texts_done(&map->names);
	free(map->entries);
	memset(map, 0, sizeof(*map));
}

static int texts_add(struct memory_map_texts *texts, const void *bytes, size_t n)
{
	char *copy;

	if (texts->count == texts->capacity) {
		size_t capacity = texts->capacity ? texts->capacity * 2 : 16;
		char **bigger = reallocarray(texts->texts, capacity, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		texts->texts = bigger;
		texts->capacity = capacity;
	}
	copy = malloc(n + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, n);
	copy[n] = '\0';
	texts->texts[texts->count++] = copy;
	return 0;
}

/* The number of a text among the last `asked`, or count. */
static size_t texts_find(const struct memory_map_texts *texts, const void *bytes,
			 size_t n, size_t asked)
{
	for (size_t i = texts->count; i > 0 && texts->count - i < asked; i--) {
		const char *text = texts->texts[i - 1];

		if (strlen(text) == n && memcmp(text, bytes, n) == 0)
			return i - 1;
	}
	return texts->count;
}

static bool is_word(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if ((p[i] < 'a' || p[i] > 'z') && p[i] != '-')
			return false;
	}
	return n > 0 && n <= MEMORY_MAP_WORD_MAX;
}

static int grow(struct memory_map *map, size_t n)
{
	if (n > MEMORY_MAP_MAX - MEMORY_MAP_HEADER - map->size)
		return -E2BIG;
	map->size += n;
	return 0;
}

static int add_word(struct memory_map *map, const char *word, uint8_t *ret)
{
	size_t n = strlen(word);
	size_t found = texts_find(&map->words, word, n, SIZE_MAX);
	int r = 0;

	if (!is_word((const uint8_t *)word, n) || found == MEMORY_MAP_WORDS)
		return -EINVAL;
	if (found == map->words.count)
		r = grow(map, TEXT_HEADER + n);
	if (r == 0 && found == map->words.count)
		r = texts_add(&map->words, word, n);
	*ret = (uint8_t)found;
	return r;
}

static int add_name(struct memory_map *map, const void *name, size_t n, uint32_t *ret)
{
	size_t found;
	int r = 0;

	*ret = MEMORY_MAP_NO_NAME;
	if (n == 0)
		return 0;
	if (n > UINT16_MAX || memchr(name, '\0', n))
		return -EINVAL;
	found = texts_find(&map->names, name, n, NAMES_ASKED);
	if (found == map->names.count)
		r = grow(map, TEXT_HEADER + n);
	if (r == 0 && found == map->names.count)
		r = texts_add(&map->names, name, n);
	*ret = (uint32_t)found;
	return r;
}

static int add_entry(struct memory_map *map, const struct memory_map_entry *entry)
{
	int r = grow(map, MEMORY_MAP_ENTRY);

	if (r < 0)
		return r;
	if (map->count == map->capacity) {
		size_t capacity = map->capacity ? map->capacity * 2 : 64;
		struct memory_map_entry *bigger =
			reallocarray(map->entries, capacity, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		map->entries = bigger;
		map->capacity = capacity;
	}
	map->entries[map->count++] = *entry;
	return 0;
}

static bool is_behind(const struct memory_map *map, uint64_t start, uint64_t end)
{
	return start < end &&
	       (map->count == 0 || start >= map->entries[map->count - 1].end);
}

int memory_map_add(struct memory_map *map, const struct memory_map_range *range)
{
	struct memory_map_entry entry = {
		.start = range->start,
		.end = range->end,
		.flags = range->flags,
	};
	int r = is_behind(map, range->start, range->end) ? 0 : -EINVAL;

	if (r == 0)
		r = add_word(map, range->fate, &entry.fate);
	if (r == 0)
		r = add_word(map, range->rank, &entry.rank);
	if (r == 0)
		r = add_name(map, range->name, range->name_size, &entry.name);
	return r == 0 ? add_entry(map, &entry) : r;
}

static uint8_t *put_texts(uint8_t *p, const struct memory_map_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		size_t n = strlen(texts->texts[i]);

		p[0] = (uint8_t)n;
		p[1] = (uint8_t)(n >> 8);
		memcpy(p + TEXT_HEADER, texts->texts[i], n);
		p += TEXT_HEADER + n;
	}
	return p;
}

static void put_entry(uint8_t *p, const struct memory_map_entry *entry, uint64_t before)
{
	put_le64(p, entry->start - before);
	put_le64(p + 8, entry->end - entry->start);
	frame_put_le32(p + 16, entry->name + 1); /* none wraps to 0 */
	p[20] = entry->fate;
	p[21] = entry->rank;
	p[22] = entry->flags;
	p[23] = 0;
}

int memory_map_encode(const struct memory_map *map, uint8_t **ret, size_t *ret_n)
{
	size_t n = MEMORY_MAP_HEADER + map->size;
	uint8_t *bytes = malloc(n), *p = bytes;

	if (!bytes)
		return -ENOMEM;
	frame_put_le32(p, MEMORY_MAP_MAGIC);
	frame_put_le32(p + 4, MEMORY_MAP_VERSION);
	frame_put_le32(p + 8, (uint32_t)map->words.count);
	frame_put_le32(p + 12, (uint32_t)map->names.count);
	frame_put_le32(p + 16, (uint32_t)map->count);
	p = put_texts(p + MEMORY_MAP_HEADER, &map->words);
	p = put_texts(p, &map->names);
	for (size_t i = 0; i < map->count; i++, p += MEMORY_MAP_ENTRY)
		put_entry(p, &map->entries[i], i ? map->entries[i - 1].end : 0);
	*ret = bytes;
	*ret_n = n;
	return 0;
}

/* What is left to decode. */
struct rest {
	const uint8_t *p;
	size_t n;
};

/* Each text takes at least its header: a count cannot ask for more than came. */
static int get_texts(struct rest *rest, size_t count, bool words,
		     struct memory_map_texts *texts)
{
	for (; count > 0; count--) {
		const uint8_t *text = rest->p + TEXT_HEADER;
		size_t n;
		int r;

		if (rest->n < TEXT_HEADER)
			return -EBADMSG;
		n = rest->p[0] | (size_t)rest->p[1] << 8;
		if (n == 0 || n > rest->n - TEXT_HEADER || memchr(text, '\0', n) ||
		    (words && !is_word(text, n)))
			return -EBADMSG;
		r = texts_add(texts, text, n);
		if (r < 0)
			return r;
		rest->p += TEXT_HEADER + n;
		rest->n -= TEXT_HEADER + n;
	}
	return 0;
}

static int get_entry(struct memory_map *map, const uint8_t *p)
{
	uint64_t before = map->count ? map->entries[map->count - 1].end : 0;
	struct memory_map_entry entry = {
		.name = frame_get_le32(p + 16) - 1, /* 0 wraps to none */
		.fate = p[20],
		.rank = p[21],
		.flags = p[22],
	};

	if (__builtin_add_overflow(before, get_le64(p), &entry.start) ||
	    __builtin_add_overflow(entry.start, get_le64(p + 8), &entry.end) ||
	    entry.end == entry.start || entry.fate >= map->words.count ||
	    entry.rank >= map->words.count || p[23] != 0 ||
	    (entry.name != MEMORY_MAP_NO_NAME && entry.name >= map->names.count))
		return -EBADMSG;
	return add_entry(map, &entry);
}

static int get_all(struct rest *rest, struct memory_map *map)
{
	size_t words = frame_get_le32(rest->p + 8), names = frame_get_le32(rest->p + 12);
	size_t entries = frame_get_le32(rest->p + 16);
	int r;

	rest->p += MEMORY_MAP_HEADER;
	rest->n -= MEMORY_MAP_HEADER;
	/* Every name is some range's: others would take ten times their size, and serve nobody. */
	if (words > MEMORY_MAP_WORDS || names > entries)
		return -EBADMSG;
	r = get_texts(rest, words, true, &map->words);
	if (r == 0)
		r = get_texts(rest, names, false, &map->names);
	if (r == 0 && rest->n != (uint64_t)entries * MEMORY_MAP_ENTRY)
		r = -EBADMSG;
	for (size_t i = 0; r == 0 && i < entries; i++)
		r = get_entry(map, rest->p + i * MEMORY_MAP_ENTRY);
	return r;
}

int memory_map_decode(const uint8_t *p, size_t n, struct memory_map *ret)
{
	struct rest rest = { p, n };
	struct memory_map map = { 0 };
	int r;

	if (n < MEMORY_MAP_HEADER || n > MEMORY_MAP_MAX ||
	    frame_get_le32(p) != MEMORY_MAP_MAGIC ||
	    frame_get_le32(p + 4) != MEMORY_MAP_VERSION)
		return -EBADMSG;
	r = get_all(&rest, &map);
	if (r < 0) {
		memory_map_done(&map);
		return r;
	}
	map.size = n - MEMORY_MAP_HEADER;
	*ret = map;
	return 0;
}
