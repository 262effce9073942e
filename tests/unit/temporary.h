/* SPDX-License-Identifier: MIT */
/*
 * A directory of a test's own, removed with all that is in it.
 */
#pragma once

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "tests/unit/table.h"

static inline int temporary_remove(const char *path, const struct stat *st, int flag,
				   struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

/* cmocka setup: *state is the path, without a slash at its end. */
static inline int temporary_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *path;

	if (asprintf(&path, "%s/dumpd-test-XXXXXX", tmp ? tmp : "/tmp") < 0)
		return -1;
	*state = mkdtemp(path);
	return *state ? 0 : -1;
}

static inline int temporary_teardown(void **state)
{
	int r = nftw(*state, temporary_remove, 8, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return r;
}

/* directory/name, malloced. */
static inline char *temporary_path(const char *directory, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
	return path;
}

static inline void temporary_write(const char *directory, const char *name,
				   const void *bytes, size_t n)
{
	_cleanup_free_ char *path = temporary_path(directory, name);
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(io_write_full(fd, bytes, n), 0);
}

static inline void temporary_text(const char *directory, const char *name,
				  const char *text)
{
	temporary_write(directory, name, text, strlen(text));
}

static inline void temporary_mkdir(const char *directory, const char *name)
{
	_cleanup_free_ char *path = temporary_path(directory, name);

	assert_int_equal(mkdir(path, 0700), 0);
}
