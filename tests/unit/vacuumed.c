/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/dumps.h"
#include "tests/unit/temporary.h"
#include "tests/unit/vacuumed.h"

#include "store/fixed.h"

int vacuumed_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

void vacuumed_age(int store, const char *name, int64_t days)
{
	const struct timespec when = { .tv_sec = NOW / 1000000 - days * DAY };
	const struct timespec times[] = { when, when };

	assert_int_equal(utimensat(store, name, times, AT_SYMLINK_NOFOLLOW), 0);
}

void vacuumed_put_crash(const char *path, const char *name, const struct record *record,
			int64_t days)
{
	_cleanup_made_ struct made made = { .bytes = NULL };
	_cleanup_fd_ int store = vacuumed_open(path);

	small_dump(&made, "{\"outcome\":\"complete\",", SMALL_SIZE);
	fixed_frame(record,
		    "{\"id\":\"a1b2c3d4e5f6\",\"uid\":1,\"exe\":\"/poisoned\","
		    "\"pod_uid\":\"poisoned\"}",
		    made.bytes);
	temporary_write(path, name, made.bytes, made.n);
	vacuumed_age(store, name, days);
}

void vacuumed_put(const char *path, const char *name, unsigned int uid, const char *exe,
		  int64_t days)
{
	char *text = strdup(exe);
	struct record record;

	assert_non_null(text);
	record_init(&record);
	record.uid = uid;
	record.exe = text;
	vacuumed_put_crash(path, name, &record, days);
	record_done(&record);
}

bool vacuumed_there(const char *path, const char *name)
{
	_cleanup_free_ char *file = temporary_path(path, name);

	return access(file, F_OK) == 0;
}

void vacuumed_limitless(struct trial *t)
{
	settings_default(&t->settings);
	t->settings.max_use = t->settings.keep_free =
		(struct share){ UINT64_MAX, SHARE_WHOLE };
	t->settings.keep_free.bytes = 0;
	t->exact = false;
	t->settings.max_count = t->settings.max_age = UINT64_MAX;
}

static void note(void *context, const char *name, const struct quota_dump *dump,
		 int error)
{
	struct trial *t = context;
	size_t n = strlen(t->gone);

	assert_int_equal(error, 0);
	(void)snprintf(t->gone + n, sizeof(t->gone) - n, "%s%s:%s", n ? " " : "", name,
		       quota_reason_key(dump->reason));
}

void vacuumed_run(const char *path, struct trial *t, bool dry_run, size_t most)
{
	_cleanup_fd_ int store = vacuumed_open(path);
	const struct vacuum_job job = {
		.settings = &t->settings,
		.now = NOW,
		.most = most,
		.dry_run = dry_run,
		.exact = t->exact,
		.gone = note,
		.context = t,
	};

	t->gone[0] = '\0';
	assert_int_equal(vacuum_run(store, -1, &job, 0, &t->result), 0);
}
