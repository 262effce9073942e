/* SPDX-License-Identifier: MIT */
/*
 * What a reader of dumps says: a record comes back as it was, and of one that lies nothing comes that a record cannot
 * be.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dumpctl/reader_link.h"
#include "store/valid.h"
#include "tests/unit/table.h"
#include "tests/unit/valid_record.h"

static void fill(struct record *record)
{
	record_init(record);
	for (size_t i = 0; i < record_field_count; i++) {
		const struct record_field *field = &record_fields[i];
		const char *text = field->offset == offsetof(struct record, id)
					   ? "a1b2c3d4e5f6"
					   : "a \"text\"\n";

		if (i % 7 == 6)
			continue; /* not known */
		if (field->kind == RECORD_NUMBER)
			record_set_number(record, field, 1);
		else
			assert_int_equal(
				record_set_text(record, field, text, strlen(text)), 0);
	}
}

static struct reader_message *message_of(const struct record *record)
{
	struct reader_message *message = calloc(1, sizeof(*message));

	assert_non_null(message);
	reader_put_record(message, record);
	return message;
}

static void test_record(void **state)
{
	_cleanup_record_ struct record record;
	_cleanup_record_ struct record back;
	_cleanup_free_ struct reader_message *message = NULL;
	struct reader_rest rest;

	(void)state;
	fill(&record);
	record_init(&back);
	message = message_of(&record);
	rest = reader_rest_of(message);
	assert_int_equal(reader_take_record(&rest, &back), 0);
	assert_int_equal(rest.n, 0);
	for (size_t i = 0; i < record_field_count; i++) {
		const struct record_field *field = &record_fields[i];

		if (field->kind == RECORD_NUMBER)
			assert_int_equal(record_number(&record, field),
					 record_number(&back, field));
		else if (record_text(&record, field))
			assert_string_equal(record_text(&record, field),
					    record_text(&back, field));
		else
			assert_null(record_text(&back, field));
	}
}

static void test_lies(void **state)
{
	_cleanup_record_ struct record record;
	_cleanup_free_ struct reader_message *message = NULL;
	uint32_t n;

	(void)state;
	fill(&record);
	message = message_of(&record);
	n = message->n;
	for (uint32_t i = 0; i < n; i++) {
		for (unsigned int with = 1; with < 256; with *= 2) {
			struct reader_rest rest;
			struct record back;

			message->bytes[i] ^= (uint8_t)with;
			rest = reader_rest_of(message);
			if (reader_take_record(&rest, &back) == 0) {
				assert_record_valid(&back);
				record_done(&back);
			}
			message->bytes[i] ^= (uint8_t)with;
		}
		message->n = i; /* cut */
		{
			struct reader_rest rest = reader_rest_of(message);
			struct record back;

			assert_int_equal(reader_take_record(&rest, &back), -EBADMSG);
		}
		message->n = n;
	}
}

static const struct words_row {
	const char *name, *text, *words; /* NULL: bad */
} words_rows[] = {
	{ "words", "it is cut", "it is cut" },
	{ "none", NULL, "" },
	{ "empty", "", "" },
	{ "an escape sequence", "\033[2J", NULL },
	{ "a line", "a\nb", NULL },
	{ "not ASCII", "\xc3\xa4", NULL },
	{ "too long", "0123456789abcdefghij", "0123456789abcde" },
};

static void test_words(void **state)
{
	const struct words_row *row = *state;
	_cleanup_free_ struct reader_message *message = calloc(1, sizeof(*message));
	struct reader_rest rest;
	char words[16];

	assert_non_null(message);
	reader_put_text(message, row->text);
	rest = reader_rest_of(message);
	reader_take_words(&rest, words, sizeof(words));
	assert_int_equal(rest.bad, !row->words);
	assert_string_equal(words, row->words ? row->words : "");
}

static void test_messages(void **state)
{
	_cleanup_free_ struct reader_message *message = calloc(1, sizeof(*message));
	int ends[2], fds[READER_FDS];

	(void)state;
	assert_non_null(message);
	assert_int_equal(reader_link_open(ends), 0);
	assert_int_equal(reader_link_receive(ends[0], 0, message, NULL), -ETIMEDOUT);
	message->n = READER_BYTES;
	assert_int_equal(reader_link_send(ends[1], message, NULL, 0), 0);
	assert_int_equal(reader_link_receive(ends[0], -1, message, fds), 1);
	assert_int_equal(message->n, READER_BYTES);
	assert_int_equal(fds[0], -1);
	message->n = 8;
	assert_int_equal(reader_link_send(ends[1], message, ends, 2), 0);
	assert_int_equal(reader_link_receive(ends[0], -1, message, fds), 1);
	assert_true(fds[0] >= 0 && fds[1] >= 0 && fds[2] == -1);
	assert_int_equal(fcntl(fds[1], F_GETFD), FD_CLOEXEC);
	cleanup_fd(&fds[0]);
	cleanup_fd(&fds[1]);
	/* shorter than a head, and another length than it says */
	assert_int_equal(send(ends[1], message, 4, 0), 4);
	assert_int_equal(reader_link_receive(ends[0], -1, message, NULL), -EBADMSG);
	message->n = 1000;
	assert_int_equal(send(ends[1], message, 100, 0), 100);
	assert_int_equal(reader_link_receive(ends[0], -1, message, NULL), -EBADMSG);
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(reader_link_receive(ends[0], -1, message, NULL), 0);
	assert_int_equal(close(ends[0]), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_messages),
	};

	return RUN_TABLE(words_rows, test_words) +
	       cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
