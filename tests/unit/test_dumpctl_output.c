/* SPDX-License-Identifier: MIT */
/*
 * A core in the places that it can be written to. Messages go to standard error and are
 * not looked at here.
 */
#include <errno.h>
#include <stdbool.h>

#include "tests/unit/temporary.h"

#include "dumpctl/output.h"
#include "tests/unit/dumps.h"

/* Text, then pages of zeros to the end. */
#define CORE_SIZE (256 * 4096)

static char id[] = "a1b2c3d4e5f6";
static char name[] = "x.zst";

static struct index_entry make_entry(char *directory)
{
	static uint8_t core[CORE_SIZE] = "a core";
	_cleanup_free_ char *record = NULL;
	_cleanup_made_ struct made made = { 0 };

	assert_true(asprintf(&record, "{\"id\":\"%s\",\"size_dump\":%d}", id, CORE_SIZE) >
		    0);
	made_text_record(&made, record);
	made_memory(&made, core, sizeof(core));
	made_table(&made);
	temporary_write(directory, name, made.bytes, made.n);
	return (struct index_entry){ .record = { .id = id },
				     .state = INDEX_PRESENT,
				     .directory = directory,
				     .name = name };
}

static const struct place {
	const char *name;
	const char *before; /* what is in the file already */
	int flags;
	off_t position;
	bool sparse;
} places[] = {
	{ "new file", "", 0, 0, true },
	{ "end of a file", "before", 0, 6, true },
	{ "beyond the end of a file", "before", 0, 10, true },
	{ "over a file", "before and more", 0, 0, false },
	{ "append mode", "before", O_APPEND, 6, false },
};

static int extract_to(const struct index_entry *entry, int fd)
{
	struct reader reader;
	int r;

	reader_init(&reader, "test");
	r = output_core(entry, &reader, fd);
	reader_done(&reader);
	return r;
}

static void test_place(void **state)
{
	const struct place *place = *state;
	void *directory = NULL;
	_cleanup_free_ char *bytes = NULL;
	struct index_entry entry;
	size_t at;
	struct stat st;
	int fd;

	assert_int_equal(temporary_setup(&directory), 0);
	entry = make_entry(directory);
	temporary_text(directory, "core", place->before);
	{
		_cleanup_free_ char *path = temporary_path(directory, "core");

		fd = open(path, O_RDWR | O_CLOEXEC | place->flags);
	}
	assert_true(fd >= 0);
	assert_int_equal(lseek(fd, place->position, SEEK_SET), place->position);
	assert_int_equal(extract_to(&entry, fd), 0);
	assert_int_equal(fstat(fd, &st), 0);
	at = (size_t)place->position;
	assert_int_equal(st.st_size, at + CORE_SIZE);
	assert_int_equal(st.st_blocks * 512 < CORE_SIZE / 2, place->sparse);
	bytes = malloc((size_t)st.st_size);
	assert_non_null(bytes);
	assert_int_equal(io_pread_full(fd, bytes, (size_t)st.st_size, 0), st.st_size);
	assert_string_equal(bytes + at, "a core");
	for (size_t i = at + 6; i < (size_t)st.st_size; i++)
		assert_int_equal(bytes[i], 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(temporary_teardown(&directory), 0);
}

static void test_full_disk(void **state)
{
	struct index_entry entry = make_entry(*state);
	_cleanup_fd_ int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(extract_to(&entry, fd), -ENOSPC);
}

/* The name went to another dump after the list was made. */
static void test_another_dump(void **state)
{
	struct index_entry entry = make_entry(*state);
	_cleanup_fd_ int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	char other[] = "b00000000000";

	entry.record.id = other;
	assert_int_equal(extract_to(&entry, fd), -ESTALE);
}

static void test_nothing_to_open(void **state)
{
	static const struct {
		enum index_state state;
		int r;
	} cases[] = {
		{ INDEX_NONE, -ENOENT },
		{ INDEX_MISSING, -ENOENT },
		{ INDEX_ELSEWHERE, -ENOENT },
		{ INDEX_INACCESSIBLE, -EACCES },
	};
	_cleanup_fd_ int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct index_entry entry = make_entry(*state);

		entry.state = cases[i].state;
		assert_int_equal(extract_to(&entry, fd), cases[i].r);
	}
}

#define IN_DIRECTORY(test) \
	cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(test_full_disk),
		IN_DIRECTORY(test_another_dump),
		IN_DIRECTORY(test_nothing_to_open),
	};

	return RUN_TABLE(places, test_place) +
	       cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
