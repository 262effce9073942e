/* SPDX-License-Identifier: MIT */
/*
 * What a child says that reads stored dumps, and was taken over by one. Input: the question, how many dumps it is
 * about, then messages: kind, two bytes of length, content.
 *
 * Whatever comes: what dumpctl takes of it is what a record, a map, a core can have; a text for people is printable;
 * and nothing waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/table.h"
#include "tests/unit/valid_record.h"

#include "dumpctl/debug_core.h"
#include "dumpctl/reader_memory.h"
#include "dumpctl/reader_records.h"
#include "dumpctl/reader_verify.h"
#include "dumpctl/reader_write.h"
#include "store/valid.h"

/* They fit into a socket. */
#define MESSAGES_MAX 24

#define DUMPS_MAX 8

/* Another child than the one that the input plays is not to be had. */
int __wrap_reader_ensure(struct reader *reader);
int __wrap_reader_ensure(struct reader *reader)
{
	reader->reason[0] = '\0';
	return reader->socket >= 0 ? 0 : -EAGAIN;
}

static int null_fd(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	return fd;
}

static void assert_words(const char *text)
{
	for (size_t i = 0; text[i]; i++)
		assert_true(text[i] >= ' ' && text[i] <= '~');
}

static void ask_records(struct reader *reader, size_t n)
{
	struct index_reader index = reader_index(reader);
	struct index_file files[DUMPS_MAX];
	int r;

	for (size_t i = 0; i < n; i++) {
		files[i] = (struct index_file){ .fd = null_fd() };
		record_init(&files[i].record);
	}
	r = index.read(index.context, files, n);
	for (size_t i = 0; i < n; i++) {
		assert_words(files[i].reason);
		assert_true(r < 0 || (files[i].error <= 0 && files[i].check <= 0));
		assert_record_valid(&files[i].record);
		record_done(&files[i].record);
	}
}

static void tell(void *context, size_t i, int error, const struct verify_finding *found)
{
	size_t *told = context;

	assert_int_equal(i, *told);
	++*told;
	assert_true(error <= 0);
	if (error == 0 && found->reason)
		assert_words(found->reason);
}

static void ask_verify(struct reader *reader, size_t n)
{
	struct reader_verify dumps[DUMPS_MAX];
	size_t told = 0;

	for (size_t i = 0; i < n; i++)
		dumps[i] = (struct reader_verify){ null_fd(), "a1b2c3d4e5f6", 1 };
	reader_verify(reader, dumps, n, tell, &told);
	assert_int_equal(told, n);
}

static void assert_map(const struct memory_map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct memory_map_entry *entry = &map->entries[i];

		assert_true(entry->start < entry->end);
		assert_true(i == 0 || entry->start >= entry[-1].end);
		assert_words(memory_map_fate(map, entry));
	}
}

static void ask_memory(struct reader *reader, size_t n)
{
	struct memory_map map = { 0 };
	bool derived;

	(void)n;
	if (reader_memory(reader, null_fd(), &map, &derived) == 0)
		assert_map(&map);
	memory_map_done(&map);
}

static void ask_refilter(struct reader *reader, size_t n)
{
	static struct report report;
	const struct reader_refilter what = { .fd = null_fd(), .out = null_fd() };
	struct memory_map map = { 0 };

	(void)n;
	(void)!reader_refilter(reader, &what, &map, &report);
	assert_map(&map);
	memory_map_done(&map);
}

static bool go_on(void *context, uint64_t done)
{
	(void)context;
	(void)done;
	return true;
}

static void ask_extract(struct reader *reader, size_t n)
{
	const struct reader_extract what = { null_fd(), null_fd(), n % 2, go_on, NULL };
	struct dump_fault fault;
	int error;

	(void)!reader_extract(reader, &what, &error, &fault);
	assert_true(error <= 0);
}

static void look_into(struct debug_core *core)
{
	struct build_id id = { .state = BUILD_ID_UNREAD };
	struct spans spans = { 0 };
	uint8_t page[PAGE];

	assert_true(core->word == 4 || core->word == 8);
	for (size_t i = 0; i < core->name_count; i++)
		assert_true(core->names[i].module >= core->modules.list &&
			    core->names[i].module <
				    core->modules.list + core->modules.count);
	(void)debug_core_page(core, 4096, page);
	(void)!debug_core_build_id(core, null_fd(), 1, &id);
	assert_true(id.state < BUILD_ID_STATES && id.n <= BUILD_ID_MAX);
	spans_add(&spans, 4096, 8192);
	(void)!debug_core_hide(core, &spans);
	(void)!debug_core_as_started(core);
	spans_done(&spans);
}

static void ask_core(struct reader *reader, size_t n)
{
	struct record record;
	struct debug_core core;

	(void)n;
	record_init(&record);
	if (debug_core_open(reader, null_fd(), &record, &core) == 0)
		look_into(&core);
	debug_core_close(&core);
}

/* The child's part of the conversation, all of it, and its end; it still takes questions. */
static void play(struct input *in, int socket)
{
	static struct reader_message message;

	for (size_t i = 0; i < MESSAGES_MAX && in->n > 0; i++) {
		struct input part;

		message.kind = (uint32_t)input_number(in, 1);
		part = input_part(in, (size_t)input_number(in, 2) % READER_BYTES);
		message.n = (uint32_t)part.n;
		if (part.n)
			memcpy(message.bytes, part.p, part.n);
		assert_int_equal(reader_link_send(socket, &message, NULL, 0), 0);
	}
	assert_int_equal(shutdown(socket, SHUT_WR), 0);
}

void fuzz_one(struct input in)
{
	static void (*const asks[])(struct reader *, size_t) = {
		ask_records, ask_verify, ask_memory, ask_refilter, ask_extract, ask_core,
	};
	size_t which = (size_t)input_number(&in, 1) % ARRAY_SIZE(asks);
	size_t n = 1 + (size_t)input_number(&in, 1) % DUMPS_MAX;
	struct reader reader;
	int ends[2];

	reader_init(&reader, "fuzz");
	assert_int_equal(reader_link_open(ends), 0);
	reader.socket = ends[0];
	reader.message = calloc(1, sizeof(*reader.message));
	assert_non_null(reader.message);
	play(&in, ends[1]);
	asks[which](&reader, n);
	assert_words(reader.reason);
	reader_done(&reader);
	assert_int_equal(close(ends[1]), 0);
}
