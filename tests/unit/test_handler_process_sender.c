/* SPDX-License-Identifier: MIT */
/*
 * Who sent a signal: what is verified of it, with this process' parent as the sender.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "handler/process_names.h"
#include "handler/process_sender.h"

#define PARENT	(-1) /* in a row: its PID */
#define MYSELF	(-2) /* the crashed process */
#define NEITHER 0x3fffff /* above every PID there is, as pid_max is */

struct row {
	const char *name;
	int64_t code, pid, uid;
	bool known; /* what /proc says of the crashed process */
	bool ends; /* the sender, while it is looked at */
	int64_t verified; /* RECORD_UNKNOWN: no sender at all */
};

static const struct row rows[] = {
	{ "kill()", SI_USER, PARENT, 0, true, false, 1 },
	{ "one that ends meanwhile", SI_USER, PARENT, 0, true, true, 0 },
	{ "tgkill()", SI_TKILL, PARENT, 0, true, false, 1 },
	{ "sigqueue() says what it likes", SI_QUEUE, PARENT, 0, true, false, 0 },
	{ "a process of which nothing is known", SI_USER, PARENT, 0, false, false, 0 },
	{ "another user's", SI_USER, PARENT, 4711, true, false, 0 },
	{ "nobody's", SI_USER, NEITHER, 0, true, false, 0 },
	{ "the process itself", SI_USER, MYSELF, 0, true, false, 0 },
	{ "outside of its namespace", SI_USER, 0, 0, true, false, 0 },
	{ "a timer", SI_TIMER, PARENT, 0, true, false, RECORD_UNKNOWN },
	{ "below 0", SI_USER, -5, 0, true, false, 0 },
	{ "too large", SI_USER, INT64_MAX, 0, true, false, 0 },
};

static bool ended;

char *__real_process_names_read_one(int dirfd, const char *file);
char *__wrap_process_names_read_one(int dirfd, const char *file);

char *__wrap_process_names_read_one(int dirfd, const char *file)
{
	return ended ? NULL : __real_process_names_read_one(dirfd, file);
}

static int64_t pid_of(int64_t pid)
{
	if (pid == PARENT)
		return getppid();
	return pid == MYSELF ? getpid() : pid;
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct process process;
	struct report report;
	struct record record;

	process_init(&process);
	report_init(&report);
	record_init(&record);
	process.known = row->known;
	process.credentials.namespace_owner = CREDENTIALS_OURS;
	process.pid_namespace.ours = true;
	report.has_siginfo = true;
	report.has_sender = row->code != SI_TIMER;
	report.signal_code = row->code;
	report.namespace_pid = getpid();
	report.sender_pid = pid_of(row->pid);
	report.sender_uid = row->uid ? row->uid : (int64_t)getuid();
	record.pid = getpid();
	ended = row->ends;
	process_sender_record(&process, &report, &record);
	assert_int_equal(record.sender_verified, row->verified);
	if (row->verified == 1) {
		assert_int_equal(record.sender_pid, getppid());
		assert_non_null(record.sender_comm);
	} else {
		if (row->verified == 0 && row->pid == PARENT)
			assert_int_equal(record.sender_pid, getppid());
		assert_null(record.sender_comm);
	}
	record_done(&record);
	process_done(&process);
}

/* The shell that starts this may be of the same tick: the next one is later for certain. */
int main(void)
{
	pid_t pid;

	(void)usleep(30000);
	pid = fork();
	if (pid == 0)
		_exit(RUN_TABLE(rows, test_row));
	for (int status;;) {
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 1;
		return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	}
}
