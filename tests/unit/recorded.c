/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#include "tests/unit/recorded.h"
#include "tests/unit/table.h"

/* What a recorded core comes to at most, compressed. */
#define FILE_MAX (1u << 20)

static struct built decompress(const char *path)
{
	_cleanup_free_ uint8_t *packed = malloc(FILE_MAX);
	_cleanup_file_ FILE *file = fopen(path, "re");
	struct built core;
	size_t n;

	assert_non_null(packed);
	assert_non_null(file);
	n = fread(packed, 1, FILE_MAX, file);
	assert_in_range(n, 1, FILE_MAX - 1);
	core.n = (size_t)ZSTD_getFrameContentSize(packed, n);
	assert_in_range(core.n, 1, 64u << 20);
	core.p = malloc(core.n);
	assert_non_null(core.p);
	assert_int_equal(ZSTD_decompress(core.p, core.n, packed, n), core.n);
	return core;
}

static ssize_t read_file(void *context, void *to, size_t n, uint64_t offset)
{
	const struct built *file = context;

	if (offset >= file->n)
		return 0;
	n = n < file->n - offset ? n : (size_t)(file->n - offset);
	memcpy(to, file->p + offset, n);
	return (ssize_t)n;
}

static void find_beacon(struct recorded *r)
{
	const struct built *file = &r->p.file;

	for (size_t at = 0; at + sizeof(r->beacon) <= file->n; at += 8) {
		memcpy(&r->beacon, file->p + at, sizeof(r->beacon));
		if (r->beacon.mark == (BEACON_MARK ^ BEACON_TURN) &&
		    r->beacon.size == sizeof(r->beacon))
			break;
	}
	assert_int_equal(r->beacon.size, sizeof(r->beacon));
	assert_int_equal(r->beacon.thread_count, BEACON_THREADS);
	assert_in_range(r->beacon.place_count, 1, BEACON_PLACES);
}

void recorded_open(struct recorded *r, const char *path)
{
	planned_take(&r->p, decompress(path));
	assert_int_equal(window_core_open(&r->p.core, read_file, &r->p.file, &r->window),
			 0);
	r->p.input.memory = &r->window.memory;
	find_beacon(r);
}

void recorded_done(struct recorded *r)
{
	window_core_close(&r->window);
	planned_done(&r->p);
}

void recorded_plan(struct recorded *r, const struct type *type)
{
	r->p.input.type = type;
	planned_again(&r->p);
}

uint64_t recorded_address(uint64_t turned)
{
	return (turned ^ BEACON_TURN) & ~(UINT64_C(0xff) << 56);
}

const struct thread *recorded_thread(const struct recorded *r,
				     const struct beacon_thread *told)
{
	for (size_t i = 0; i < r->p.notes.thread_count; i++) {
		if (r->p.notes.threads[i].tid == told->tid)
			return &r->p.notes.threads[i];
	}
	fail_msg("no thread %s", told->name);
	return NULL;
}

const struct beacon_place *recorded_place(const struct recorded *r, const char *name)
{
	for (size_t i = 0; i < r->beacon.place_count; i++) {
		if (strncmp(r->beacon.places[i].name, name, strlen(name)) == 0)
			return &r->beacon.places[i];
	}
	fail_msg("no place %s", name);
	return NULL;
}

uint64_t recorded_word(const struct recorded *r, uint64_t address)
{
	uint64_t word;

	assert_true(memory_number(&r->window.memory, address, 8, &word));
	return word;
}

bool recorded_kept(const struct recorded *r, uint64_t address, size_t width,
		   uint64_t *ret)
{
	struct bytes output = { r->p.output.p, r->p.output.n };

	return built_has(&r->p.output, address, address + width) &&
	       bytes_number(output, planned_place(&r->p, address), width, ret);
}

bool recorded_has_text(const struct recorded *r, const char *text)
{
	for (size_t i = 0; i < r->p.plan.segment_count; i++) {
		const struct segment *s = &r->p.plan.segments[i];

		if (s->type == PT_LOAD && !notes_file_at(&r->p.notes, s->vaddr) &&
		    memmem(r->p.output.p + s->offset, s->filesz, text, strlen(text)))
			return true;
	}
	return false;
}
