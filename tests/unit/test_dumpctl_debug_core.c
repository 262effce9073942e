/* SPDX-License-Identifier: MIT */
/*
 * What a child says of the core of `dumpctl debug': of one that lies, nothing is taken that a core cannot have, and it
 * is ended; and of one that is ended, nothing is asked any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dumpctl/debug_core.h"
#include "tests/unit/table.h"

enum lie {
	NO_LIE,
	LATE_MODULES, /* names point to them */
	NO_SUCH_MODULE,
	NO_NAME,
	LONG_BUILD_ID,
	STRANGE_STATE,
	NUL_IN_PATH,
	HALF_A_FILE,
	STRANGE_WORD,
	NO_SUCH_PROGRAM,
	BY_LINKER_OF_NOTHING,
	ANOTHER_KIND,
	SILENCE,
};

static const struct row {
	const char *name;
	enum lie lie;
	int r;
} rows[] = {
	{ "the truth", NO_LIE, 0 },
	{ "modules behind names", LATE_MODULES, READER_DIED },
	{ "a name of a module that is not there", NO_SUCH_MODULE, READER_DIED },
	{ "a name of nothing", NO_NAME, READER_DIED },
	{ "a build-id without an end", LONG_BUILD_ID, READER_DIED },
	{ "a build-id in a state that is none", STRANGE_STATE, READER_DIED },
	{ "a path with a NUL", NUL_IN_PATH, READER_DIED },
	{ "half a file", HALF_A_FILE, READER_DIED },
	{ "words of 16 bytes", STRANGE_WORD, READER_DIED },
	{ "a program that is not there", NO_SUCH_PROGRAM, READER_DIED },
	{ "by the linker, and nothing", BY_LINKER_OF_NOTHING, READER_DIED },
	{ "another question's answer", ANOTHER_KIND, READER_DIED },
	{ "nothing", SILENCE, READER_DIED },
};

struct child {
	struct reader reader;
	struct reader_message *message;
	int socket; /* its end */
};

static void start(struct child *child)
{
	int ends[2];

	reader_init(&child->reader, "test");
	assert_int_equal(reader_link_open(ends), 0);
	child->reader.socket = ends[0];
	child->socket = ends[1];
	child->reader.message = calloc(1, sizeof(*child->reader.message));
	child->message = calloc(1, sizeof(*child->message));
	assert_true(child->reader.message && child->message);
}

static void end(struct child *child)
{
	reader_done(&child->reader);
	free(child->message);
	assert_int_equal(close(child->socket), 0);
}

static void begin(struct child *child, enum reader_kind kind)
{
	child->message->kind = kind;
	child->message->n = 0;
}

static void say(struct child *child)
{
	assert_int_equal(reader_link_send(child->socket, child->message, NULL, 0), 0);
}

static void say_modules(struct child *child, enum lie lie)
{
	struct build_id id = { .state = BUILD_ID_FOUND, .n = 20, .bytes = { 1, 2, 3 } };

	if (lie == LONG_BUILD_ID)
		id.n = BUILD_ID_MAX + 1;
	if (lie == STRANGE_STATE)
		id.state = BUILD_ID_STATES;
	begin(child, READER_MODULES);
	for (int64_t i = 1; i <= 2; i++) {
		reader_put_number(child->message, i << 20);
		reader_put_number(child->message, (i << 20) + 4096);
		reader_put_build_id(child->message, &id);
	}
	say(child);
}

static void say_files(struct child *child, enum lie lie)
{
	static const char path[] = "/bin/x\0y";

	begin(child, READER_FILES);
	reader_put_number(child->message, 1 << 20);
	reader_put_number(child->message, (1 << 20) + 4096);
	reader_put_bytes(child->message,
			 (struct bytes){ (const uint8_t *)path,
					 lie == NUL_IN_PATH ? sizeof(path) - 1 : 6 });
	if (lie == HALF_A_FILE)
		reader_put_number(child->message, 1);
	say(child);
}

static void say_names(struct child *child, enum lie lie)
{
	begin(child, READER_NAMES);
	reader_put_number(child->message, lie == NO_SUCH_MODULE ? 2 : 1);
	reader_put_text(child->message, lie == NO_NAME ? "" : "libx.so");
	say(child);
	if (lie == LATE_MODULES)
		say_modules(child, lie);
}

static void say_end(struct child *child, enum lie lie)
{
	begin(child, lie == ANOTHER_KIND ? READER_RANGES : READER_ANSWER);
	reader_put_number(child->message, 0);
	reader_put_text(child->message, "");
	reader_put_number(child->message, lie == STRANGE_WORD ? 16 : 8);
	reader_put_number(child->message, 62);
	reader_put_number(child->message, lie == NO_SUCH_PROGRAM	? 2
					  : lie == BY_LINKER_OF_NOTHING ? -1
									: 0);
	reader_put_number(child->message, lie == BY_LINKER_OF_NOTHING);
	say(child);
}

static void assert_truth(const struct debug_core *core)
{
	assert_int_equal(core->modules.count, 2);
	assert_int_equal(core->modules.list[1].start, 2 << 20);
	assert_int_equal(core->modules.list[1].build_id.bytes[2], 3);
	assert_int_equal(core->file_count, 1);
	assert_memory_equal(core->files[0].path.p, "/bin/x", 7);
	assert_int_equal(core->name_count, 1);
	assert_ptr_equal(core->names[0].module, &core->modules.list[1]);
	assert_string_equal(core->names[0].path, "libx.so");
	assert_ptr_equal(core->program, &core->modules.list[0]);
	assert_int_equal(core->word, 8);
	assert_false(debug_core_is_lost(core));
}

static void test_core(void **state)
{
	const struct row *row = *state;
	struct child child;
	struct debug_core core;
	struct record record;
	uint8_t page[PAGE];

	start(&child);
	record_init(&record);
	if (row->lie != SILENCE) {
		say_modules(&child, row->lie);
		say_files(&child, row->lie);
		say_names(&child, row->lie);
		say_end(&child, row->lie);
	}
	assert_int_equal(shutdown(child.socket, SHUT_WR), 0);
	assert_int_equal(debug_core_open(&child.reader, STDIN_FILENO, &record, &core),
			 row->r);
	if (row->r == 0)
		assert_truth(&core);
	else
		assert_true(debug_core_is_lost(&core) && child.reader.reason[0]);
	/* it says nothing any more */
	assert_false(debug_core_page(&core, 1 << 20, page));
	assert_true(debug_core_is_lost(&core));
	assert_int_equal(debug_core_as_started(&core), READER_DIED);
	debug_core_close(&core);
	end(&child);
}

/* Only that of the core that it is. */
static void test_page(void **state)
{
	struct child child;
	struct debug_core core = { .reader = &child.reader };
	uint8_t page[PAGE], want[PAGE];

	(void)state;
	start(&child);
	memset(want, 7, sizeof(want));
	for (size_t lacks = 0; lacks < 2; lacks++) {
		begin(&child, READER_ANSWER);
		reader_put_number(child.message, 0);
		reader_put_text(child.message, "");
		reader_put_raw(child.message, want, sizeof(want) - lacks);
		say(&child);
	}
	assert_true(debug_core_page(&core, 4096, page));
	assert_memory_equal(page, want, sizeof(page));
	assert_false(debug_core_page(&core, 4096, page));
	assert_true(debug_core_is_lost(&core));
	end(&child);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page),
	};

	return RUN_TABLE(rows, test_core) +
	       cmocka_run_group_tests_name("core", tests, NULL, NULL);
}
