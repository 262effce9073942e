/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "handler/keep.h"
#include "store/attributes.h"
#include "store/fixed.h"
#include "store/frame.h"
#include "store/grant.h"
#include "store/name.h"
#include "store/publish.h"

int keep_record(int file_fd, const struct record *record)
{
	_cleanup_free_ char *json = record_to_json(
		record, FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER - FIXED_SIZE);
	uint8_t frame[FRAME_RECORD_SIZE];

	if (!json)
		return -ENOMEM;
	fixed_frame(record, json, frame);
	return io_pwrite_full(file_fd, frame, sizeof(frame), 0);
}

static int64_t or_unknown(int64_t number)
{
	return number >= 0 ? number : RECORD_UNKNOWN;
}

char *keep_stem(const char *name_template, const struct report *report,
		const struct record *record)
{
	const struct name_facts facts = {
		.record = record,
		.namespace_pid = or_unknown(report->namespace_pid),
		.namespace_tid = or_unknown(report->namespace_tid),
	};

	return name_expand(name_template, &facts);
}

static int publish(const struct keep *keep, const struct record *record,
		   char name[STORE_NAME_SIZE])
{
	_cleanup_free_ char *stem = keep_stem(keep->name_template, keep->report, record);

	if (!stem)
		return -ENOMEM;
	return store_publish(keep->store_fd, keep->file_fd, stem, name);
}

/* Room for the path is made before there is a file: one that has a name is told of. */
static char *path_room(const struct keep *keep)
{
	return malloc(strlen(keep->directory) + 1 + STORE_NAME_SIZE);
}

/* path: of path_room(). */
static void note_file(const struct keep *keep, const char *name, char *path,
		      struct record *record)
{
	struct stat st;

	if (fstat(keep->file_fd, &st) == 0)
		record->size_file = st.st_size;
	(void)stpcpy(stpcpy(stpcpy(path, keep->directory), "/"), name); /* fits */
	free(record->filename);
	record->filename = path;
}

static int set_text(char **member, const char *text)
{
	free(TAKE_PTR(*member));
	if (text)
		*member = strdup(text);
	return text && !*member ? -ENOMEM : 0;
}

/* why: root's alone; NULL: the owner's too. */
static int note_access(struct record *record, const char *why)
{
	int r = set_text(&record->access, why ? RECORD_ACCESS_ROOT : RECORD_ACCESS_OWNER);

	return r == 0 ? set_text(&record->access_reason, why) : r;
}

/* A list takes room on the disk, so one that cannot be had says nothing of the file system. */
static int note_no_list(struct record *record, int error)
{
	char why[128];

	if (error == -EOPNOTSUPP || error == -ENOSYS)
		return note_access(record, access_reason(ACCESS_NO_LISTS));
	(void)snprintf(why, sizeof(why),
		       "the dump's access control list cannot be written: %s",
		       strerror(-error)); /* cut is as good */
	return note_access(record, why);
}

/* Before the file has a name: at no moment can anybody open it who may not. */
static int give_access(const struct keep *keep, struct record *record)
{
	enum access access = access_decide(keep->access);
	int r = 0;

	if (access == ACCESS_OWNER)
		r = grant_read(keep->file_fd, (uid_t)access_reader(keep->access));
	return r < 0 ? note_no_list(record, r)
		     : note_access(record, access_reason(access));
}

int keep_failed(struct record *record, const char *what, int error)
{
	_cleanup_free_ char *before = TAKE_PTR(record->reason);
	char *outcome = strdup(OUTCOME_FAILED);

	if (!outcome)
		return -ENOMEM;
	free(record->outcome);
	record->outcome = outcome;
	free(TAKE_PTR(record->access)); /* to nothing */
	free(TAKE_PTR(record->access_reason));
	record->size_dump = record->size_header = record->truncated = RECORD_UNKNOWN;
	if (asprintf(&record->reason, "%s%s%s: %s", before ? before : "",
		     before ? "\n" : "", what, strerror(error)) < 0) {
		record->reason = NULL;
		return -ENOMEM;
	}
	return 0;
}

int keep_dump(const struct keep *keep, struct record *record)
{
	_cleanup_free_ char *path = path_room(keep);
	char name[STORE_NAME_SIZE];
	int r = path ? give_access(keep, record) : -ENOMEM;

	if (r == 0)
		r = keep_record(keep->file_fd, record);
	if (r == 0) {
		attributes_set(keep->file_fd, record);
		r = publish(keep, record, name);
	}
	if (r < 0) {
		int failed = keep_failed(record, "the dump could not be stored", -r);

		return failed < 0 ? failed : r;
	}
	note_file(keep, name, TAKE_PTR(path), record);
	return 0;
}
