/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "tests/fuzz/stored_change.h"
#include "tests/unit/core_builder.h"

#include "base/escape.h"
#include "store/memory_map.h"
#include "store/record.h"

/* libFuzzer's: changes n bytes in place. Return: how many there are now, at most max. */
size_t LLVMFuzzerMutate(uint8_t *p, size_t n, size_t max);

uint32_t stored_below(struct mutation *m, size_t n)
{
	return n ? builder_random(&m->random) % (uint32_t)n : 0;
}

/* What sums, products and comparisons stumble over; else near the old one, or any. */
uint64_t stored_number(struct mutation *m, uint64_t old)
{
	static const uint64_t known[] = {
		0,	    1,		2,	    7,		0xff,	    0xfff,
		0x1000,	    0x1001,	0x7fff,	    0xffff,	0x10000,    0x1fffff,
		0x200000,   0x7fffffff, 0x80000000, 0xfffffff4, 0xffffffff, 1ull << 32,
		1ull << 47, INT64_MAX,	1ull << 63, -4096ull,	-8ull,	    UINT64_MAX,
	};

	switch (stored_below(m, 4)) {
	case 0:
		return old + stored_below(m, 33) - 16;
	case 1:
		return old ^ 1ull << stored_below(m, 64);
	default:
		return known[stored_below(m, ARRAY_SIZE(known))];
	}
}

static uint64_t get(const uint8_t *p, size_t width)
{
	uint64_t value = 0;

	for (size_t i = 0; i < width; i++)
		value |= (uint64_t)p[i] << 8 * i;
	return value;
}

/* The number at an offset, if the part has it. */
static void change_number(struct mutation *m, struct part *part, uint64_t at,
			  size_t width)
{
	if (at <= part->n && width <= part->n - at)
		builder_put(part->bytes + at,
			    stored_number(m, get(part->bytes + at, width)), width);
}

/* A number that lies where numbers lie. */
static void change_word(struct mutation *m, struct part *part)
{
	size_t width = (size_t)1 << stored_below(m, 4);

	change_number(m, part, stored_below(m, part->n / width + 1) * width, width);
}

void stored_change_bytes(struct mutation *m, struct part *part)
{
	size_t max = part->n + 64 + stored_below(m, 512);
	uint8_t *bytes = malloc(max);

	assert_non_null(bytes);
	memcpy(bytes, part->bytes, part->n);
	part_set(part, bytes, LLVMFuzzerMutate(bytes, part->n, max));
}

/* One of its bytes many times, so that a word of it is longer than it should be. */
static void stretch(struct mutation *m, char *text, size_t size)
{
	size_t n = strlen(text), at = stored_below(m, n), more = stored_below(m, 600);

	if (n == 0 || n + more >= size)
		return;
	memmove(text + at + more, text + at, n - at + 1);
	memset(text + at, text[at + more], more);
}

/* What a terminal, a reader of lines or one of names may take for more than text. */
static char *any_text(struct mutation *m, const char *old)
{
	static const char *const texts[] = {
		"",
		"\x1b[31m\x1b]0;x\x07",
		"\xe2\x80\xae\xc2\x9b",
		"\n         Signal: 9\n",
		"a\\x1b\\x41\\",
		"\xff\xc0\x80\xed\xa0\x80",
		"../../../etc/x",
		"/bin/x (deleted)",
		"ab12 1000 /bin/x\nnone 2000 /lib/y\n3 more",
		"complete",
		"cut",
		"full",
		"triage",
		"%n%s",
	};
	char text[1024] = "";

	if (stored_below(m, 3) == 0)
		return strdup(texts[stored_below(m, ARRAY_SIZE(texts))]);
	(void)snprintf(text, sizeof(text), "%s", old); /* may be cut */
	if (stored_below(m, 2))
		stretch(m, text, sizeof(text));
	else
		(void)LLVMFuzzerMutate((uint8_t *)text, strlen(text), sizeof(text) - 1);
	return strdup(text);
}

static json_t *any_value(struct mutation *m, const struct record_field *field,
			 const json_t *old)
{
	const char *text = json_string_value(old);
	_cleanup_free_ char *raw = NULL;
	_cleanup_free_ char *escaped = NULL;

	if (stored_below(m, 16) == 0)
		return stored_below(m, 2) ? json_pack("[{s:[]}]", "x") : json_real(1e300);
	if (field->kind == RECORD_NUMBER)
		return json_integer(
			(json_int_t)stored_number(m, (uint64_t)json_integer_value(old)));
	raw = any_text(m, text ? text : "");
	assert_non_null(raw);
	escaped = escape_text(raw, strlen(raw));
	assert_non_null(escaped);
	return field->list ? json_pack("[s, s]", escaped, "--x") : json_string(escaped);
}

/* A member has another value, is gone, or is there now. */
static void change_record(struct mutation *m, struct part *part)
{
	const struct record_field *field =
		&record_fields[stored_below(m, record_field_count)];
	json_t *json = json_loadb((const char *)part->bytes, part->n, 0, NULL);
	const char *key = field->key ? field->key : "x";
	char *text;

	m->parts->own_record = stored_below(m, 8) == 0;
	if (!json_is_object(json) || stored_below(m, 8) == 0) {
		json_decref(json);
		stored_change_bytes(m, part);
		return;
	}
	if (stored_below(m, 8) == 0)
		(void)json_object_del(json, key);
	else
		(void)json_object_set_new(
			json, key, any_value(m, field, json_object_get(json, key)));
	text = json_dumps(json, JSON_COMPACT);
	assert_non_null(text);
	part_set(part, (uint8_t *)text, strlen(text));
	json_decref(json);
}

/* Where an ELF file of either width has what it has, as far as it is not a lie. */
struct layout {
	size_t header, segment, segments, count;
	bool wide;
};

static bool find_layout(const struct part *part, struct layout *ret)
{
	const uint8_t *p = part->bytes;

	if (part->n < sizeof(Elf64_Ehdr) || memcmp(p, ELFMAG, SELFMAG) != 0)
		return false;
	ret->wide = p[EI_CLASS] != ELFCLASS32;
	ret->header = ret->wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
	ret->segment = ret->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	ret->segments = ret->wide ? get(p + offsetof(Elf64_Ehdr, e_phoff), 8)
				  : get(p + offsetof(Elf32_Ehdr, e_phoff), 4);
	ret->count = ret->wide ? get(p + offsetof(Elf64_Ehdr, e_phnum), 2)
			       : get(p + offsetof(Elf32_Ehdr, e_phnum), 2);
	return ret->segments < part->n;
}

static void change_segment(struct mutation *m, struct part *part,
			   const struct layout *layout)
{
	size_t at = layout->segments + stored_below(m, layout->count) * layout->segment;
	size_t other =
		layout->segments + stored_below(m, layout->count) * layout->segment;
	/* p_type and p_flags of both have 4 bytes */
	size_t width = layout->wide && stored_below(m, 4) ? 8 : 4;
	size_t member = stored_below(m, layout->segment / width) * width;

	if (stored_below(m, 2) == 0)
		change_number(m, part, at + member, width);
	else if (at + layout->segment <= part->n && other + layout->segment <= part->n)
		memcpy(part->bytes + at + member, part->bytes + other + member, width);
}

/* A note's own numbers, or one in it. The first are the headers'. */
static void change_note(struct mutation *m, struct part *part,
			const struct layout *layout)
{
	size_t at = layout->segments + layout->count * layout->segment;
	size_t left = 1 + stored_below(m, 12);

	while (left-- > 0 && at + sizeof(Elf64_Nhdr) < part->n) {
		uint64_t name = get(part->bytes + at, 4);
		uint64_t size = get(part->bytes + at + 4, 4);
		uint64_t next = at + sizeof(Elf64_Nhdr) + ((name + 3) & ~3ull) +
				((size + 3) & ~3ull);

		if (left == 0 || next >= part->n)
			break;
		at = (size_t)next;
	}
	if (stored_below(m, 2) == 0)
		change_number(m, part, at + 4 * stored_below(m, 3), 4);
	else
		change_number(m, part, at + 20 + 8 * stored_below(m, 48), 8);
}

static void change_content(struct mutation *m, struct part *part)
{
	struct layout layout;
	uint32_t what = stored_below(m, 8);

	if (what < 6 && find_layout(part, &layout)) {
		if (what < 3)
			change_segment(m, part, &layout);
		else if (what < 5)
			change_note(m, part, &layout);
		else
			change_number(m, part, 2 * stored_below(m, layout.header / 2),
				      stored_below(m, 2) ? 2 : 8);
	} else if (what < 7) {
		change_word(m, part);
	} else {
		stored_change_bytes(m, part);
	}
}

/* Of a drop map: its counts, or an entry, which lie behind the texts; see store/memory_map.h. */
static void change_map(struct mutation *m, struct part *part)
{
	static const struct {
		size_t offset, width;
	} members[] = { { 0, 8 }, { 8, 8 }, { 16, 4 }, { 20, 1 }, { 21, 1 }, { 22, 1 } };
	size_t i = stored_below(m, ARRAY_SIZE(members));
	size_t entries = part->n < MEMORY_MAP_HEADER
				 ? 0
				 : get(part->bytes + MEMORY_MAP_HEADER - 4, 4);
	size_t back = (1 + stored_below(m, entries)) * MEMORY_MAP_ENTRY;
	uint32_t what = stored_below(m, 8);

	if (what < 4 && back <= part->n)
		change_number(m, part, part->n - back + members[i].offset,
			      members[i].width);
	else if (what == 4)
		change_number(m, part, 4 * stored_below(m, MEMORY_MAP_HEADER / 4), 4);
	else if (what < 7)
		change_word(m, part);
	else
		stored_change_bytes(m, part);
}

void stored_change(struct mutation *m, struct part *part)
{
	switch (part->kind) {
	case PART_RECORD:
		change_record(m, part);
		break;
	case PART_CONTENT:
		change_content(m, part);
		break;
	case PART_PACKED:
		change_map(m, part);
		break;
	default:
		stored_change_bytes(m, part);
	}
}
