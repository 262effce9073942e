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
#include "dumpctl/show.h"
#include "store/dump.h"

/* Between two lines of progress, and before the first one. */
#define PROGRESS_MS 250

#define CONTENT_ADVICE                                                    \
	"; nothing was extracted. `zstd -dc' may still write what comes " \
	"before the fault"

static const uint8_t zeros[64 * 1024];

struct output {
	int fd;
	bool sparse;
	bool tail_hole; /* the last bytes are a hole: the file is shorter than done */
	bool progress;
	bool shown;
	int64_t shown_ms;
	uint64_t done;
	uint64_t total;
	int error; /* of writing, not of the dump */
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

static int write_zeros(int fd, size_t n)
{
	int r = 0;

	while (n > 0 && r == 0) {
		size_t part = n < sizeof(zeros) ? n : sizeof(zeros);

		r = io_write_full(fd, zeros, part);
		n -= part;
	}
	return r;
}

static int take(void *context, const uint8_t *p, size_t n)
{
	struct output *output = context;
	int r = 0;

	if (interrupted())
		r = -EINTR;
	else if (p)
		r = io_write_full(output->fd, p, n);
	else if (!output->sparse)
		r = write_zeros(output->fd, n);
	else if (lseek(output->fd, (off_t)n, SEEK_CUR) < 0)
		r = -errno;
	output->error = r;
	output->tail_hole = output->sparse && !p;
	output->done += n;
	show_progress(output);
	return r;
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

static int finish(struct output *output)
{
	off_t end;

	if (!output->tail_hole)
		return 0;
	end = lseek(output->fd, 0, SEEK_CUR);
	if (end < 0 || ftruncate(output->fd, end) < 0)
		return -errno;
	return 0;
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

static int extract(const struct index_entry *entry, struct dump *dump, int fd,
		   const char *verb)
{
	struct output output = {
		.fd = fd,
		.sparse = can_have_holes(fd),
		.progress = isatty(STDERR_FILENO),
		.shown_ms = now_ms(),
		.total = (uint64_t)dump_record(dump)->size_dump,
	};
	const char *reason = NULL;
	int r = dump_extract(dump, take, &output, &reason);

	if (r == 0)
		r = output.error = finish(&output);
	if (output.shown)
		fputs("\r\033[K", stderr);
	if (r == 0)
		return 0;
	if (output.error == -EINTR)
		complain(entry, verb, "interrupted", "; nothing was extracted");
	else if (output.error != 0)
		fprintf(stderr, "dumpctl %s: cannot write the core: %s%s\n", verb,
			strerror(-output.error), write_advice(output.error));
	else
		complain_dump(entry, verb, r, reason, dump_fault(dump));
	return r;
}

int output_find(int dirfd, const struct index_entry *entry, struct dump **ret)
{
	_cleanup_dump_ struct dump *dump = NULL;
	int r;

	if (no_file(entry))
		return entry->state == INDEX_INACCESSIBLE ? -EACCES : -ENOENT;
	r = dump_open(dirfd, entry->name, &dump);
	if (r < 0)
		return r;
	/* Another dump took the name since the list was made. */
	if (entry->record.id && (!dump_record(dump)->id ||
				 strcmp(dump_record(dump)->id, entry->record.id) != 0))
		return -ESTALE;
	*ret = TAKE_PTR(dump);
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

static int open_entry(const struct index_entry *entry, struct dump **ret)
{
	_cleanup_fd_ int dirfd = output_directory(entry);

	return dirfd < 0 ? dirfd : output_find(dirfd, entry, ret);
}

void output_complain(const struct index_entry *entry, const char *verb, int error,
		     const char *advice)
{
	const char *missing = no_file(entry);

	complain(entry, verb,
		 missing	     ? missing
		 : error == -EBADMSG ? "not a dump of dumpd, or its beginning is damaged"
		 : error == -EACCES  ? "this user may not read it; run as root"
		 : error == -ESTALE  ? "another dump has its name now"
				     : strerror(-error),
		 error == -EBADMSG ? advice : "");
}

int output_open(const struct index_entry *entry, const char *verb, struct dump **ret)
{
	int r = open_entry(entry, ret);

	if (r < 0)
		output_complain(entry, verb, r, "");
	return r;
}

int output_core(const struct index_entry *entry, int fd, const char *verb)
{
	_cleanup_dump_ struct dump *dump = NULL;
	int r;

	/* A write beyond `ulimit -f' shall be an error, not our own crash. */
	(void)signal(SIGXFSZ, SIG_IGN);
	r = open_entry(entry, &dump);
	if (r == 0)
		return extract(entry, dump, fd, verb);
	output_complain(entry, verb, r, CONTENT_ADVICE);
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
