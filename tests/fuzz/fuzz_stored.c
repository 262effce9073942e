/* SPDX-License-Identifier: MIT */
/*
 * A stored dump through all that the verbs make of it: list, info, info --memory, extract, verify, debug,
 * refilter. Input: the file. It is changed in what its frames hold and put together again
 * (stored_mutate.h), so that changes get behind compression, checksums and the seek table.
 *
 * Whatever comes: what is printed is text, or JSON where it shall be; no more comes out than the record
 * says; and what refilter writes is whole.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/stored_file.h"
#include "tests/fuzz/stored_mutate.h"
#include "tests/fuzz/told.h"

#include "base/io.h"
#include "config/config.h"
#include "dumpctl/debug_elf.h"
#include "dumpctl/info_print.h"
#include "dumpctl/list_table.h"
#include "dumpctl/memory.h"
#include "dumpctl/memory_load.h"
#include "dumpctl/refilter_run.h"
#include "dumpctl/show.h"
#include "dumpctl/verify_core.h"
#include "handler/facts.h"
#include "handler/keep.h"
#include "store/dump_map.h"

/* Of a core; longer ones take time and find nothing sooner. */
#define CORE_MAX (8u << 20)

size_t LLVMFuzzerMutate(uint8_t *p, size_t n, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *p, size_t n, size_t max, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *p, size_t n, const uint8_t *q, size_t m,
				 uint8_t *to, size_t max, unsigned int seed);

/* Return: bytes, 0: it is too long. */
static size_t put_together(struct parts *parts, uint8_t *to, size_t max)
{
	_cleanup_made_ struct made made = { 0 };

	parts_write(parts, &made);
	if (made.n > max)
		return 0;
	if (made.n)
		memcpy(to, made.bytes, made.n);
	return made.n;
}

size_t LLVMFuzzerCustomMutator(uint8_t *p, size_t n, size_t max, unsigned int seed)
{
	_cleanup_parts_ struct parts parts = { .count = 0 };
	size_t changed;

	/* The file's own bytes, too: the seek table's are no frame's. */
	if (seed % 16 == 0)
		return LLVMFuzzerMutate(p, n, max);
	parts_read(p, n, &parts);
	stored_mutate(&parts, seed);
	changed = put_together(&parts, p, max);
	return changed ? changed : n;
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *p, size_t n, const uint8_t *q, size_t m,
				 uint8_t *to, size_t max, unsigned int seed)
{
	_cleanup_parts_ struct parts parts;
	_cleanup_parts_ struct parts others;

	parts_read(p, n, &parts);
	parts_read(q, m, &others);
	stored_cross(&parts, &others, seed);
	return put_together(&parts, to, max);
}

/* As store/index.c makes it; its record and texts are the dump's. */
static struct index_entry entry_of(const struct dump *dump)
{
	static char name[] = STORED_NAME, directory[] = "/store";
	const char *reason = NULL;
	int r = dump_check(dump, &reason);

	assert_true(r == 0 || reason);
	return (struct index_entry){
		.record = *dump_record(dump),
		.state = r < 0 ? INDEX_DAMAGED : INDEX_PRESENT,
		.directory = directory,
		.name = name,
		.size = dump_file_size(dump),
	};
}

static void check_list(struct index_entry *entry)
{
	struct told told;
	int r;

	told_begin(&told);
	r = list_table(&entry, 1);
	told_end(&told);
	assert_int_equal(r, 0);
	told_begin(&told);
	r = show_json(&entry, 1, stdout);
	told_end_json(&told);
	assert_int_equal(r, 0);
	told_begin(&told);
	r = info_print(entry, true);
	told_end(&told);
	assert_int_equal(r, 0);
}

static int show_map(const struct memory_map *map, bool derived, bool all)
{
	const struct memory_style style = { .width = all ? 80 : 0, .utf8 = all };
	_cleanup_memory_rows_ struct memory_rows rows = { NULL, 0, 0 };
	int r = memory_rows_make(map, all, &rows);

	if (r == 0)
		r = memory_picture(map, &rows, &style, stdout);
	return r == 0 ? memory_summary(map, derived, &style, stdout) : r;
}

/* info --memory. */
static void check_memory(const struct index_entry *entry, struct dump *dump)
{
	_cleanup_memory_map_ struct memory_map map = { 0 };
	const char *reason = NULL;
	struct told told;
	bool derived = false;
	int r = memory_load(dump, &map, &derived, &reason);

	if (r < 0) {
		assert_non_null(reason);
		return;
	}
	for (int all = 0; all < 2; all++) {
		told_begin(&told);
		r = show_map(&map, derived, all);
		told_end(&told);
		assert_int_equal(r, 0);
	}
	told_begin(&told);
	r = memory_json(entry, &map, derived, stdout);
	told_end_json(&told);
	assert_int_equal(r, 0);
}

/* Where a core is extracted to: what looks at its headers, and a file. */
struct sink {
	struct verify_core verify;
	uint64_t n, most;
	int fd; /* -1: none */
};

static int take(void *context, const uint8_t *p, size_t n)
{
	struct sink *sink = context;
	int r = 0;

	assert_true(n > 0 && n <= sink->most - sink->n);
	if (sink->fd >= 0 && p)
		r = io_pwrite_full(sink->fd, p, n, sink->n);
	sink->n += n;
	if (r == 0 && sink->n > CORE_MAX)
		r = -ECANCELED;
	return r < 0 ? r : verify_core_take(&sink->verify, p, n);
}

/* verify, and with fd extract. Return: NULL, or what is wrong. */
static const char *extract(struct dump *dump, int fd)
{
	struct sink sink = { .fd = fd, .most = (uint64_t)dump_record(dump)->size_dump };
	_cleanup_memory_map_ struct memory_map map = { 0 };
	const char *reason = NULL;
	int r;

	verify_core_open(&sink.verify);
	r = dump_extract(dump, take, &sink, &reason);
	if (r == 0) {
		assert_int_equal(sink.n, sink.most);
		reason = verify_core_end(&sink.verify);
	} else if (r != -ECANCELED) {
		assert_non_null(reason);
	} else {
		reason = "too long for this test";
	}
	verify_core_close(&sink.verify);
	if (!reason && dump_memory_map(dump, &map, &reason) == -ENOENT)
		reason = NULL;
	return reason;
}

/* What debug reads of the extracted core, and writes into it, before the debugger starts. */
static void check_debug(int fd)
{
	struct debug_elf core;
	struct spans spans = { 0 };
	uint8_t page[4096] = { 0 };
	int r = debug_elf_open(fd, &core);

	for (size_t i = 0; r == 0 && i < core.modules.count; i++) {
		const struct module *module = &core.modules.list[i];

		(void)debug_elf_read(&core, module->start, page, sizeof(page));
		if (i % 2)
			spans_add(&spans, module->start, module->end);
	}
	if (r == 0) {
		spans_join(&spans);
		r = debug_elf_hide(&core, &spans);
	}
	if (r == 0 && core.by_linker)
		r = debug_elf_as_started(&core);
	spans_done(&spans);
	debug_elf_close(&core);
}

/* What refilter wrote is a dump that verify calls whole. */
static void check_written(const struct refilter_job *job, const struct report *report,
			  int directory)
{
	_cleanup_free_ char *json = record_to_json(job->in->record, 0);
	_cleanup_dump_ struct dump *dump = NULL;
	_cleanup_record_ struct record record;
	int r;

	record_init(&record);
	assert_non_null(json);
	r = record_from_json(json, strlen(json), &record);
	if (r == 0)
		r = facts_result(report, &record);
	facts_scrub(&record);
	if (r == 0)
		r = keep_record(job->file_fd, &record);
	assert_int_equal(r, 0);
	assert_int_equal(dump_open(directory, STORED_OTHER, &dump), 0);
	assert_null(extract(dump, -1));
}

static const struct config *configuration(void)
{
	static struct config *config;

	if (!config)
		assert_int_equal(config_load("/dev/null", &config), 0);
	return config;
}

static void check_refilter(int directory, enum dump_type type)
{
	struct refilter_in in;
	struct settings settings;
	struct memory_map map = { 0 };
	static struct report report;
	const struct refilter_job job = { &in, configuration(), (int)type,
					  stored_other() };
	const char *reason;
	struct told told;
	uint64_t size;
	int r, fd = dump_file_open(directory, STORED_NAME, &size);

	assert_true(fd >= 0);
	told_begin(&told);
	r = refilter_in_dump(fd, &in, &reason);
	if (r == 0)
		r = refilter_run(&job, &settings, &map, &report);
	if (r == 0)
		r = show_map(&map, false, false);
	told_end(&told);
	if (r == 0)
		check_written(&job, &report, directory);
	memory_map_done(&map);
	refilter_in_close(&in);
}

/* As much by chance as by the input. */
static uint32_t choice(struct input in)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < in.n; i++)
		hash = (hash ^ in.p[i]) * 16777619u;
	return hash >> 8;
}

void fuzz_one(struct input in)
{
	static const enum dump_type types[] = { DUMP_STACKS, DUMP_MINI, DUMP_HEAP,
						DUMP_FULL, DUMP_TRIAGE };
	int directory = stored_write(in.p, in.n);
	_cleanup_dump_ struct dump *dump = NULL;
	const uint32_t by = choice(in);
	struct index_entry entry;
	int core;

	if (dump_open(directory, STORED_NAME, &dump) < 0)
		return;
	entry = entry_of(dump);
	check_list(&entry);
	if (!stored_has_small_header(dump))
		return;
	check_memory(&entry, dump);
	core = stored_other();
	/* These two take half of the time. */
	if (!extract(dump, core) && by % 4 == 0)
		check_debug(core);
	if (by % 4 == 1)
		check_refilter(directory, types[by / 4 % ARRAY_SIZE(types)]);
}
