/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "dumpctl/selftest.h"
#include "store/dump.h"
#include "store/index.h"

/* The process is released before its dump has a name. */
#define WAIT_MS 10000
#define STEP_MS 100

_noreturn_ static void crash(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	/* Without the right to raise it, up to the hard limit is the best there is. */
	if (setrlimit(RLIMIT_CORE, &limit) < 0 && getrlimit(RLIMIT_CORE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_CORE, &limit); /* the record will say if not */
	}
	(void)prctl(PR_SET_DUMPABLE, 1); /* likewise */
	(void)prctl(PR_SET_NAME, SELFTEST_NAME);
	(void)signal(SIGSEGV, SIG_DFL);
	(void)raise(SIGSEGV);
	// cppcheck-suppress unreachableCode; raise() returns where the signal is blocked
	_exit(1);
}

/* Return: the PID of the child that crashed, or negative errno. */
static pid_t crash_child(void)
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		crash();
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFSIGNALED(status) ? pid : -EINVAL;
}

/* The PID alone could be an earlier process's; a record's time is the handler's start. */
static struct index_entry *find(struct index *index, pid_t pid, int64_t since)
{
	for (size_t i = index->count; i-- > 0;) {
		struct index_entry *entry = &index->entries[i];

		if (entry->record.pid == pid && entry->record.timestamp >= since)
			return entry;
	}
	return NULL;
}

/* The directory is read before the journal: a dump may get its name between the two. */
static bool settled(const struct index_entry *entry)
{
	return entry && (entry->name || !entry->record.filename);
}

/* Load the index until the crash is in it. Return: the entry, NULL if it never is. */
static struct index_entry *wait_for(const char *directory, pid_t pid, int64_t since,
				    struct index *ret)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000l };

	for (int waited = 0; waited < WAIT_MS; waited += STEP_MS) {
		struct index_entry *entry;
		int directory_error;

		if (index_load(directory, true, NULL, ret, &directory_error) == 0) {
			entry = find(ret, pid, since);
			if (settled(entry))
				return entry;
			index_done(ret);
		}
		*ret = (struct index){ .entries = NULL };
		(void)nanosleep(&step, NULL); /* shorter is as good */
	}
	return NULL;
}

static int count(void *context, const uint8_t *p, size_t n)
{
	(void)p; /* only that it comes out whole is of interest */
	*(uint64_t *)context += n;
	return 0;
}

static int extract(const struct index_entry *entry, uint64_t *ret_size,
		   const char **ret_reason)
{
	_cleanup_fd_ int fd = open(entry->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dump_ struct dump *dump = NULL;
	uint64_t size = 0;
	int r;

	*ret_reason = NULL;
	if (fd < 0)
		return -errno;
	r = dump_open(fd, entry->name, &dump);
	if (r == 0)
		r = dump_extract(dump, count, &size, ret_reason);
	*ret_size = size;
	return r;
}

static void judge(const struct machine *machine, const struct index_entry *entry,
		  struct check *ret)
{
	const struct record *record = &entry->record;
	const char *reason = record->reason ? record->reason
					    : "the record does not say why";
	uint64_t size = 0;
	int r;

	if (!entry->name) {
		check_set(ret,
			  machine->settings.type == DUMP_NONE ? CHECK_OK : CHECK_PROBLEM,
			  "crash %s is recorded, without a dump: %s", record->id, reason);
		return;
	}
	r = extract(entry, &size, &reason);
	if (r < 0) {
		check_set(ret, CHECK_PROBLEM,
			  "dump %s is stored and does not extract: %s", record->id,
			  reason ? reason : strerror(-r));
		return;
	}
	check_set(ret, entry->state == INDEX_PRESENT ? CHECK_OK : CHECK_NOTE,
		  "dump %s (%s, %s): %" PRIu64 " bytes on disk, %" PRIu64
		  " extracted, stored in %" PRId64 " ms",
		  record->id, record->type ? record->type : "?",
		  record->outcome ? record->outcome : "?", entry->size, size,
		  record->duration == RECORD_UNKNOWN ? -1 : record->duration / 1000);
}

void selftest_run(const struct machine *machine, struct check *ret)
{
	int64_t since = clock_usec(CLOCK_REALTIME);
	struct index_entry *entry;
	struct index index = { .entries = NULL };
	pid_t pid;

	*ret = (struct check){ .name = "test crash" };
	if (geteuid() != 0) {
		check_set(ret, CHECK_PROBLEM, "the dump could not be looked at");
		check_advise(ret, "run it as root");
		return;
	}
	/* The kernel would unlink the file that a foreign pattern names, and write there. */
	if (machine->pattern.form == PATTERN_FOREIGN) {
		check_set(ret, CHECK_PROBLEM,
			  "not made: core_pattern '%s' is not dumpd's",
			  machine->pattern_text);
		check_advise(ret, "`dumpctl setup`, as root");
		return;
	}
	pid = crash_child();
	if (pid < 0) {
		check_set(ret, CHECK_PROBLEM, "no process would crash: %s",
			  strerror(-pid));
		return;
	}
	entry = wait_for(machine->settings.directory, pid, since, &index);
	if (entry) {
		judge(machine, entry, ret);
		index_done(&index);
		return;
	}
	check_set(ret, CHECK_PROBLEM,
		  "PID %d crashed, and within %d s no record of it, or not the dump that "
		  "it names, is to be found",
		  pid, WAIT_MS / 1000);
	check_advise(ret, "`dumpctl status` and the kernel's log may say why");
}
