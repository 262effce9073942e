/* SPDX-License-Identifier: MIT */
/*
 * What the program itself says of its memory: the tables of hints/dumpd-hints.h, found by
 * their name in NT_FILE, or in /proc/PID/maps where that is missing, read through the window.
 * Hostile by assumption: caps, no chains, no formats; what contradicts itself counts as its
 * safest reading (secret beats all, drop beats keep).
 */
#pragma once

#include "filter/memory.h"
#include "filter/names.h"
#include "filter/notes.h"
#include "filter/space.h"
#include "filter/spans.h"

enum hint_kind {
	HINT_KEEP, /* also a keep-pointee, resolved */
	HINT_DROP,
	HINT_SECRET,
	HINT_TEXT, /* not a range to keep: see text */
};

struct hint {
	enum hint_kind kind;
	/* [start, end): bytes, not clamped to mappings, never empty */
	uint64_t start, end;
	unsigned int priority; /* of keep: lower first */
	char tag[24]; /* the program's own bytes, NUL-padded, at most 23 */
};

/* A bounded message out of the program's memory, none of it secret; never empty. */
#define HINT_TEXT_MAX 1024

struct hint_text {
	uint64_t start; /* its address */
	char tag[24];
	uint8_t bytes[HINT_TEXT_MAX];
	size_t n;
};

struct hints {
	struct hint *hints; /* in the order of the tables */
	size_t count;
	struct hint_text *texts;
	size_t text_count;
	bool found; /* there is a table, readable or not */
	/*
	 * A table is there and not all of it could be read or understood: it may name secrets
	 * that are not known. Then no memory may be stored, and there are no texts.
	 */
	bool unreadable;
	const char *problem; /* what was ignored of it, static text; NULL: nothing */
};

/*
 * names and memory may be NULL. names: where NT_FILE is missing, as of a process with many
 * mappings. Return: 0 or -ENOMEM.
 */
int hints_read(const struct notes *notes, const struct names *names,
	       const struct memory *memory, struct hints *ret);
void hints_done(struct hints *hints);

/*
 * Forget texts in memory that the core leaves out, as with MADV_DONTDUMP: who asks for both is taken
 * for who asks for less. What a file holds the kernel leaves out unasked; it counts as any other.
 */
void hints_drop_texts(const struct space *space, struct hints *hints);

/* A secret goes with the words of 8 bytes that it lies in. */
struct span hint_words(const struct hint *secret);

/* Whether a secret, with the words that it lies in, is in any part of [start, end). */
bool hints_are_secret(const struct hints *hints, uint64_t start, uint64_t end);
