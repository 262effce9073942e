/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/io.h"
#include "dumpctl/output.h"
#include "dumpctl/reader_records.h"
#include "dumpctl/reader_write.h"
#include "dumpctl/show.h"
#include "store/dump.h"

/* Between two lines of progress, and before the first one. */
#define PROGRESS_MS 250

#define CONTENT_ADVICE                                                    \
	"; nothing was extracted. `zstd -dc' may still write what comes " \
	"before the fault"

struct output {
	bool progress;
	bool shown;
	int64_t shown_ms;
	uint64_t done;
	uint64_t total;
};

static int64_t now_ms(void)
{
	return clock_usec(CLOCK_MONOTONIC) / 1000;
}

static void show_progress(struct output *output)
{
	_cleanup_free_ char *total = NULL;
	int64_t now;

	if (!output->progress || output->total == 0)
		return;
	now = now_ms();
	if (now - output->shown_ms < PROGRESS_MS)
		return;
	output->shown_ms = now;
	output->shown = true;
	total = show_size((int64_t)output->total);
	fprintf(stderr, "\rextracting %3.0f%% of %s ",
		100.0 * (double)output->done / (double)output->total, total ? total : "");
}

static bool interrupted(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && (sigismember(&pending, SIGINT) == 1 ||
					     sigismember(&pending, SIGTERM) == 1 ||
					     sigismember(&pending, SIGHUP) == 1);
}

static bool go_on(void *context, uint64_t done)
{
	struct output *output = context;

	output->done = done;
	show_progress(output);
	return !interrupted();
}

/*
 * Holes can only be where nothing is yet: at the end of a regular file that is not written
 * in append mode. Standard output may be anything.
 */
static bool can_have_holes(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	off_t position = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	return flags >= 0 && !(flags & O_APPEND) && position >= 0 &&
	       fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && position >= st.st_size;
}

static const char *write_advice(int error)
{
	static const struct {
		int error;
		const char *advice;
	} table[] = {
		{ -ENOSPC, "; free some space or write elsewhere" },
		{ -EDQUOT, "; free some space or write elsewhere" },
		{ -EFBIG,
		  "; the file system or `ulimit -f' allows no file of this size" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (table[i].error == error)
			return table[i].advice;
	}
	return "";
}

/* Why there is nothing to open. */
static const char *no_file(const struct index_entry *entry)
{
	switch (entry->state) {
	case INDEX_NONE:
		return "no dump was stored, only a record; `dumpctl info' has the reason";
	case INDEX_MISSING:
		return "its file is no longer there; if it was moved, give -D DIRECTORY";
	case INDEX_ELSEWHERE:
		return "it is not in the store; give its directory with -D, which `dumpctl "
		       "info' tells";
	case INDEX_INACCESSIBLE:
		return "this user may not read it; run as root";
	default:
		return entry->name ? NULL : "it has no file";
	}
}

static void complain(const struct index_entry *entry, const char *verb, const char *what,
		     const char *advice)
{
	_cleanup_free_ char *path = show_path(entry);
	_cleanup_free_ char *id = show_text(entry->record.id);

	fprintf(stderr, "dumpctl %s: %s (%s): %s%s\n", verb,
		entry->record.id && id ? id : "a dump without an id", path ? path : "",
		what, advice);
}

static void complain_dump(const struct index_entry *entry, const char *verb, int error,
			  const char *reason, const struct dump_fault *fault)
{
	bool content = error == -EBADMSG || error == -ENODATA;
	const char *advice = content ? CONTENT_ADVICE : "";
	_cleanup_free_ char *place = NULL;

	/* For whom a backup has a better one, or who has to find a bad disk. */
	if (fault->frame != 0 &&
	    asprintf(&place, " (frame %" PRIu32 ", at byte %" PRIu64 ")%s", fault->frame,
		     fault->offset, advice) < 0)
		place = NULL;
	complain(entry, verb, reason ? reason : strerror(-error), place ? place : advice);
}

/* NULL: by the error's number. */
static const char *reason_of(const struct reader *reader)
{
	return reader->reason[0] ? reader->reason : NULL;
}

static int extract(const struct index_entry *entry, const struct output_dump *dump,
		   struct reader *reader, int fd)
{
	struct output output = {
		.progress = isatty(STDERR_FILENO),
		.shown_ms = now_ms(),
		.total = dump->record.size_dump < 0 ? 0
						    : (uint64_t)dump->record.size_dump,
	};
	const struct reader_extract what = {
		.fd = dump->fd,
		.out = fd,
		.sparse = can_have_holes(fd),
		.go_on = go_on,
		.context = &output,
	};
	struct dump_fault fault;
	int error, r = reader_extract(reader, &what, &error, &fault);

	if (output.shown)
		fputs("\r\033[K", stderr);
	if (r == 0)
		return 0;
	if (r == -EINTR)
		complain(entry, reader->verb, "interrupted", "; nothing was extracted");
	else if (error != 0)
		fprintf(stderr, "dumpctl %s: cannot write the core: %s%s\n", reader->verb,
			strerror(-error), write_advice(error));
	else
		complain_dump(entry, reader->verb, r, reason_of(reader), &fault);
	return r;
}

void output_dump_close(struct output_dump *dump)
{
	if (dump->fd < 0)
		return;
	cleanup_fd(&dump->fd);
	record_done(&dump->record);
	dump->fd = -1;
}

int output_file(const struct index_entry *entry, uint64_t *ret_size)
{
	_cleanup_fd_ int dirfd = output_directory(entry);

	return dirfd < 0 ? dirfd : dump_file_open(dirfd, entry->name, ret_size);
}

int output_find(int dirfd, const struct index_entry *entry, struct reader *reader,
		struct output_dump *ret)
{
	_cleanup_output_dump_ struct output_dump dump = OUTPUT_NO_DUMP;
	int r;

	reader->reason[0] = '\0';
	if (no_file(entry))
		return entry->state == INDEX_INACCESSIBLE ? -EACCES : -ENOENT;
	record_init(&dump.record);
	dump.fd = dump_file_open(dirfd, entry->name, &dump.size);
	r = dump.fd < 0 ? dump.fd : reader_record(reader, dump.fd, &dump.record);
	if (r < 0)
		return r;
	/* Another dump took the name since the list was made. */
	if (entry->record.id &&
	    (!dump.record.id || strcmp(dump.record.id, entry->record.id) != 0))
		return -ESTALE;
	*ret = dump;
	dump.fd = -1;
	return 0;
}

int output_directory(const struct index_entry *entry)
{
	int fd;

	if (no_file(entry))
		return entry->state == INDEX_INACCESSIBLE ? -EACCES : -ENOENT;
	fd = open(entry->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_entry(const struct index_entry *entry, struct reader *reader,
		      struct output_dump *ret)
{
	_cleanup_fd_ int dirfd = output_directory(entry);

	reader->reason[0] = '\0';
	return dirfd < 0 ? dirfd : output_find(dirfd, entry, reader, ret);
}

void output_complain(const struct index_entry *entry, const struct reader *reader,
		     int error, const char *advice)
{
	const char *missing = no_file(entry);

	complain(entry, reader->verb,
		 missing	     ? missing
		 : reason_of(reader) ? reader->reason
		 : error == -EBADMSG ? "not a dump of dumpd, or its beginning is damaged"
		 : error == -EACCES  ? "this user may not read it; run as root"
		 : error == -ESTALE  ? "another dump has its name now"
				     : strerror(-error),
		 error == -EBADMSG ? advice : "");
}

int output_open(const struct index_entry *entry, struct reader *reader,
		struct output_dump *ret)
{
	int r = open_entry(entry, reader, ret);

	if (r < 0)
		output_complain(entry, reader, r, "");
	return r;
}

int output_core(const struct index_entry *entry, struct reader *reader, int fd)
{
	_cleanup_output_dump_ struct output_dump dump = OUTPUT_NO_DUMP;
	int r = open_entry(entry, reader, &dump);

	if (r == 0)
		return extract(entry, &dump, reader, fd);
	output_complain(entry, reader, r, CONTENT_ADVICE);
	return r;
}

static void ending_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

void output_hold_signals(void)
{
	sigset_t set;

	ending_signals(&set);
	(void)sigprocmask(SIG_BLOCK, &set, NULL); /* cannot fail with a valid set */
}

void output_deliver_signals(void)
{
	sigset_t set;

	ending_signals(&set);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}
