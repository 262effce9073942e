/* SPDX-License-Identifier: MIT */
/*
 * What dumpctl info prints of a record, line by line.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>

#include "tests/unit/temporary.h"

#include "dumpctl/verbs.h"
#include "tests/unit/dumps.h"

static const struct row {
	const char *name;
	const char *members;
	const char *line; /* that is printed, white space in front aside */
	const char *never; /* a line that is not; NULL: none */
} rows[] = {
	{ "arguments with a line break", "\"cmdline\":\"x\\\\x0aReason: none\"",
	  "Command line: x\\x0aReason: none", "Reason: none" },
	{ "directory with a line break", "\"cwd\":\"/\\\\x0aHost: other\"",
	  "Directory: /\\x0aHost: other", "Host: other" },
	{ "reason of two lines", "\"reason\":\"one\\\\x0atwo\"", "two",
	  "Reason: one\\x0atwo" },
	{ "problems of two lines", "\"config_problems\":\"one\\\\x0atwo\"", "two", NULL },
	{ "a way of release that is no word of ours",
	  "\"release\":\"x\\\\x0aReason: none\\\\x1b[2J\",\"release_reason\":\"why\"",
	  "Released: x\\x0aReason: none\\x1b[2J: why", "Reason: none\x1b[2J: why" },
	{ "verified", "\"verified\":1", "Verified: yes", NULL },
	{ "not verified", "\"verified\":0",
	  "Verified: no (facts of /proc are only likely)", "Verified: yes" },
	{ "dumpable 0", "\"dumpable\":0", "Dumpable: 0 (not dumpable)", NULL },
	{ "dumpable 1", "\"dumpable\":1", "Dumpable: 1 (an ordinary process)", NULL },
	{ "dumpable 2", "\"dumpable\":2",
	  "Dumpable: 2 (its privileges changed: for root only)", NULL },
	{ "nobody told the user", "\"pid\":1", "User: unknown", NULL },
	{ "nobody told the group", "\"pid\":1", "Group: unknown", NULL },
	{ "abort()",
	  "\"signal_code\":-6,\"pid\":77,\"sender_pid\":77,\"sender_uid\":0,\"sender_verified\":0",
	  "Sent by: the process itself, as the signal says", NULL },
	{ "sigqueue() that names the process itself",
	  "\"signal_code\":-1,\"pid\":77,\"sender_pid\":77,\"sender_uid\":0,\"sender_verified\":0",
	  "Sent by: the process itself, as the signal says; not verified", NULL },
	{ "kill()",
	  "\"signal_code\":0,\"pid\":77,\"sender_pid\":5,\"sender_uid\":6,\"sender_verified\":0",
	  "Sent by: 5 of user 6, as the signal says; not verified", NULL },
	{ "a container",
	  "\"container_runtime\":\"podman\",\"container_id\":\"0a\",\"pod_uid\":\"1b\"",
	  "Container: podman 0a", NULL },
	{ "its pod", "\"container_id\":\"0a\",\"pod_uid\":\"1b\"", "Pod: 1b", NULL },
	{ "a container of no known runtime", "\"container_id\":\"0a\"", "Container: 0a",
	  NULL },
	{ "a container that is a claim", "\"container_claim\":\"podman 0a\"",
	  "Container: podman 0a, as its user claims; not verified",
	  "Container: podman 0a" },
	{ "a claim with a line break", "\"container_claim\":\"x\\\\x0aHost: other\"",
	  "Container: x\\x0aHost: other, as its user claims; not verified",
	  "Host: other" },
	{ "no user has this id", "\"uid\":4294967294", "User: 4294967294", NULL },
};

static char *info_of(const char *directory)
{
	char verb[] = "info", option[] = "-D";
	char *argv[] = { verb, option, (char *)(uintptr_t)directory, NULL };
	_cleanup_free_ char *path = temporary_path(directory, "out");
	int before = dup(STDOUT_FILENO);
	char *text;
	size_t n;

	assert_true(before >= 0);
	(void)fflush(stdout);
	assert_non_null(freopen(path, "w", stdout));
	optind = 0;
	assert_int_equal(verb_info(3, argv), VERB_DONE);
	(void)fflush(stdout);
	assert_true(dup2(before, STDOUT_FILENO) >= 0);
	assert_int_equal(close(before), 0);
	assert_int_equal(io_read_file(AT_FDCWD, path, 65536, &text, &n), 0);
	return text;
}

static bool has_line(const char *text, const char *line)
{
	size_t n = strlen(line);

	while (*text) {
		text += strspn(text, " ");
		if (strncmp(text, line, n) == 0 && text[n] == '\n')
			return true;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return false;
}

static void test_row(void **state)
{
	const struct row *row = *state;
	_cleanup_made_ struct made made;
	_cleanup_free_ char *record = NULL;
	_cleanup_free_ char *text = NULL;
	void *directory = NULL;

	assert_int_equal(temporary_setup(&directory), 0);
	assert_true(asprintf(&record, "{%s,", row->members) > 0);
	small_dump(&made, record, SMALL_SIZE);
	temporary_write(directory, "x.zst", made.bytes, made.n);
	text = info_of(directory);
	if (!has_line(text, row->line) || (row->never && has_line(text, row->never)))
		print_error("%s", text);
	assert_true(has_line(text, row->line));
	assert_false(row->never && has_line(text, row->never));
	assert_int_equal(temporary_teardown(&directory), 0);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
