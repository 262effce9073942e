/* SPDX-License-Identifier: MIT */
/*
 * The worker's report: what the parent takes, what it refuses, and that no text in it is
 * left without an end.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "base/io.h"
#include "handler/facts.h"
#include "handler/report.h"

static void send_bytes(const void *bytes, size_t n, int fds[2])
{
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(io_write_full(fds[1], bytes, n), 0);
	close(fds[1]);
}

static int receive(const void *bytes, size_t n, struct report *ret)
{
	int fds[2], r;

	send_bytes(bytes, n, fds);
	r = report_receive(fds[0], ret);
	close(fds[0]);
	return r;
}

static void test_round(void **state)
{
	struct report sent, received;
	int fds[2];

	(void)state;
	report_init(&sent);
	assert_true(sent.hushed); /* nobody has looked for secrets yet */
	sent.outcome = REPORT_CUT;
	sent.release = RELEASE_EARLY;
	sent.size_core = sent.size_dump = INT64_MAX;
	sent.size_header = 4096;
	sent.has_siginfo = true;
	sent.signal = 11;
	report_say(&sent, "one %d", 1);
	report_say(&sent, "two");
	(void)snprintf(sent.exe, sizeof(sent.exe), "/usr/bin/x");
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(report_send(fds[1], &sent), 0);
	assert_int_equal(report_receive(fds[0], &received), 0);
	assert_memory_equal(&sent, &received, sizeof(sent));
	assert_string_equal(received.reason, "one 1\ntwo");
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(report_send(-1, &sent), -EBADF);
	assert_int_equal(report_receive(-1, &received), -EBADF);
}

enum change {
	NOTHING,
	MAGIC,
	OUTCOME,
	RELEASE,
	SIZE_DUMP,
	SIZE_CORE,
	SIZE_RECEIVED,
	SIZE_HEADER,
	SHORT,
	EMPTY,
};

struct row {
	const char *name;
	enum change change;
	uint64_t value;
	int r;
};

static const struct row rows[] = {
	{ "good", NOTHING, 0, 0 },
	{ "no report", EMPTY, 0, -EPIPE },
	{ "a byte", SHORT, 1, -EBADMSG },
	{ "a byte less", SHORT, sizeof(struct report) - 1, -EBADMSG },
	{ "magic 0", MAGIC, 0, -EBADMSG },
	{ "magic of another version", MAGIC, REPORT_MAGIC + 0x1000000, -EBADMSG },
	{ "first outcome that is none", OUTCOME, REPORT_OUTCOMES, -EBADMSG },
	{ "outcome -1", OUTCOME, UINT32_MAX, -EBADMSG },
	{ "nothing was released", RELEASE, RELEASE_WAYS, 0 },
	{ "first way that is none", RELEASE, RELEASE_WAYS + 1, -EBADMSG },
	{ "dump of 2^63", SIZE_DUMP, UINT64_C(1) << 63, -EBADMSG },
	{ "core of 2^63", SIZE_CORE, UINT64_C(1) << 63, -EBADMSG },
	{ "received 2^64 - 1", SIZE_RECEIVED, UINT64_MAX, -EBADMSG },
	{ "header of the whole dump", SIZE_HEADER, 1000, 0 },
	{ "header larger than the dump", SIZE_HEADER, 1001, -EBADMSG },
};

static void test_refused(void **state)
{
	const struct row *row = *state;
	struct report sent, received;
	size_t n = sizeof(sent);

	report_init(&sent);
	sent.size_dump = 1000;
	if (row->change == MAGIC)
		sent.magic = (uint32_t)row->value;
	if (row->change == RELEASE)
		sent.release = (uint32_t)row->value;
	if (row->change == OUTCOME)
		sent.outcome = (uint32_t)row->value;
	if (row->change == SIZE_DUMP)
		sent.size_dump = row->value;
	if (row->change == SIZE_CORE)
		sent.size_core = row->value;
	if (row->change == SIZE_RECEIVED)
		sent.size_received = row->value;
	if (row->change == SIZE_HEADER)
		sent.size_header = row->value;
	if (row->change == SHORT || row->change == EMPTY)
		n = (size_t)row->value;
	assert_int_equal(receive(&sent, n, &received), row->r);
}

/* The word before a report, and again; a byte at a time; nothing behind it but an end is no report. */
static void test_let_go(void **state)
{
	struct report_inbox inbox = { .n = 0 };
	struct report sent;
	const uint8_t *bytes = (const uint8_t *)&sent;
	const uint32_t word = REPORT_LET_GO;
	int fds[2];

	(void)state;
	report_init(&sent);
	sent.size_core = 77;
	assert_int_equal(pipe(fds), 0);
	for (size_t i = 0; i < sizeof(word); i++) {
		assert_false(inbox.let_go);
		assert_int_equal(write(fds[1], (const uint8_t *)&word + i, 1), 1);
		assert_int_equal(report_take(fds[0], &inbox), 0);
	}
	assert_true(inbox.let_go);
	assert_int_equal(report_send_word(fds[1], REPORT_LET_GO), 0);
	assert_int_equal(report_take(fds[0], &inbox), 0);
	for (size_t i = 0; i < sizeof(sent); i++) {
		assert_int_equal(write(fds[1], bytes + i, 1), 1);
		assert_int_equal(report_take(fds[0], &inbox), i + 1 == sizeof(sent));
	}
	assert_memory_equal(&inbox.report, &sent, sizeof(sent));
	assert_int_equal(report_send_word(fds[1], REPORT_LET_GO), 0);
	close(fds[1]);
	assert_int_equal(report_receive(fds[0], &sent), -EPIPE);
	close(fds[0]);
	assert_int_equal(report_send_word(-1, REPORT_LET_GO), -EBADF);
}

/* What is known before the end comes first, checked as the last one is, between words. */
static void test_begun(void **state)
{
	struct report_inbox inbox = { .n = 0 };
	struct report sent;
	int fds[2], r = 0;

	(void)state;
	report_init(&sent);
	memset(sent.reason, 'x', sizeof(sent.reason));
	sent.threads = 7;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(report_send_begun(fds[1], &sent), 0);
	assert_int_equal(report_send_word(fds[1], REPORT_TURNED), 0);
	while (r == 0 && !inbox.turned)
		r = report_take(fds[0], &inbox);
	assert_int_equal(r, 0);
	assert_true(inbox.has_begun && inbox.turned && !inbox.let_go);
	assert_int_equal(inbox.begun.threads, 7);
	assert_int_equal(strlen(inbox.begun.reason), sizeof(sent.reason) - 1);
	sent.threads = 8;
	assert_int_equal(report_send(fds[1], &sent), 0);
	while (r == 0)
		r = report_take(fds[0], &inbox);
	assert_int_equal(r, 1);
	assert_int_equal(inbox.report.threads, 8);
	assert_int_equal(inbox.begun.threads, 7);
	close(fds[0]);
	close(fds[1]);
}

static void test_begun_lies(void **state)
{
	struct report_inbox inbox = { .n = 0 };
	struct report sent;
	int fds[2], r = 0;

	(void)state;
	report_init(&sent);
	sent.outcome = REPORT_OUTCOMES;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(report_send_begun(fds[1], &sent), 0);
	while (r == 0)
		r = report_take(fds[0], &inbox);
	assert_int_equal(r, -EBADMSG);
	assert_false(inbox.has_begun);
	close(fds[0]);
	close(fds[1]);
}

/* All bytes 0xff but those that are checked: texts end, and facts can be made of it. */
static void test_hostile(void **state)
{
	const struct facts_start start = { 1, 1 };
	const struct args args = { .pid = 1, .signal = -1, .comm = "x", .tid = -1 };
	struct process process;
	struct report sent, received;
	struct record record;

	(void)state;
	memset(&sent, 0xff, sizeof(sent));
	sent.magic = REPORT_MAGIC;
	sent.outcome = REPORT_CUT;
	sent.release = RELEASE_HELD;
	sent.size_core = sent.size_received = sent.size_memory = INT64_MAX;
	sent.size_dump = sent.size_header = INT64_MAX;
	sent.signal = INT64_MIN;
	assert_int_equal(receive(&sent, sizeof(sent), &received), 0);
	assert_int_equal(strlen(received.reason), sizeof(received.reason) - 1);
	assert_int_equal(strlen(received.release_reason),
			 sizeof(received.release_reason) - 1);
	assert_int_equal(strlen(received.type), sizeof(received.type) - 1);
	assert_int_equal(strlen(received.arch), sizeof(received.arch) - 1);
	assert_int_equal(strlen(received.fname), sizeof(received.fname) - 1);
	assert_int_equal(strlen(received.psargs), sizeof(received.psargs) - 1);
	assert_int_equal(strlen(received.exe), sizeof(received.exe) - 1);
	process_init(&process);
	record_init(&record);
	assert_int_equal(facts_record(&start, &args, &process, &received, &record), 0);
	record_done(&record);
}

/* Lines until there is no room; what does not fit is left out. */
static void test_say(void **state)
{
	struct report report;

	(void)state;
	report_init(&report);
	for (int i = 0; i < 300; i++)
		report_say(&report, "line %d", i);
	assert_int_equal(strlen(report.reason), REPORT_REASON - 1);
	assert_memory_equal(report.reason, "line 0\nline 1\n", 14);
	report_init(&report);
	report_say(&report, "%01022d", 0);
	assert_int_equal(strlen(report.reason), REPORT_REASON - 2);
	report_say(&report, "x");
	assert_int_equal(strlen(report.reason), REPORT_REASON - 1);
	report_say(&report, "y");
	assert_int_equal(strlen(report.reason), REPORT_REASON - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),	cmocka_unit_test(test_let_go),
		cmocka_unit_test(test_begun),	cmocka_unit_test(test_begun_lies),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_say),
	};
	int failed = RUN_TABLE(rows, test_refused);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
