/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "dumpctl/refilter_out.h"
#include "handler/keep.h"

#define SUFFIX ".zst"

static int complain(const char *path, const char *what, const char *advice)
{
	fprintf(stderr, "dumpctl refilter: `%s': %s%s\n", path, what, advice);
	return -1;
}

/* A dump without the suffix is not found again by list, info and debug. */
static bool is_dump_name(const char *name)
{
	size_t n = strlen(name), suffix = strlen(SUFFIX);

	return n > suffix && n < STORE_NAME_SIZE &&
	       strcmp(name + n - suffix, SUFFIX) == 0;
}

static int split(const char *path, struct refilter_out *out)
{
	_cleanup_free_ char *copy = strdup(path);
	const char *name;
	struct stat st;

	if (!copy || strlen(path) >= sizeof(out->path))
		return complain(path, strerror(copy ? ENAMETOOLONG : ENOMEM), "");
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		(void)snprintf(out->path, sizeof(out->path), "%s", path);
		return 0;
	}
	if (lstat(path, &st) == 0)
		return complain(path, strerror(EEXIST), "; give another name");
	name = basename(copy);
	if (!is_dump_name(name))
		return complain(path, "a dump's name ends in " SUFFIX,
				", or give a directory");
	(void)snprintf(out->name, sizeof(out->name), "%s", name);
	(void)snprintf(out->path, sizeof(out->path), "%s", dirname(copy));
	return 0;
}

int refilter_out_open(const char *path, struct refilter_out *ret)
{
	*ret = (struct refilter_out){ .directory = -1, .file = -1 };
	if (split(path, ret) < 0)
		return -1;
	ret->directory = open(ret->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret->directory < 0)
		return complain(ret->path, strerror(errno), "");
	ret->file = store_create(ret->directory);
	if (ret->file < 0) {
		refilter_out_close(ret);
		return complain(ret->path, strerror(-ret->file),
				ret->file == -EOPNOTSUPP
					? ": its file system has no O_TMPFILE"
					: "");
	}
	return 0;
}

void refilter_out_close(struct refilter_out *out)
{
	cleanup_fd(&out->file);
	cleanup_fd(&out->directory);
}

static int publish_by_template(struct refilter_out *out, const char *name_template,
			       const struct report *report, const struct record *record)
{
	_cleanup_free_ char *stem = keep_stem(name_template, report, record);

	return stem ? store_publish(out->directory, out->file, stem, out->name) : -ENOMEM;
}

int refilter_out_publish(struct refilter_out *out, const char *name_template,
			 const struct report *report, const struct record *record)
{
	struct stat st;
	int r = keep_record(out->file, record);

	if (r == 0 && out->name[0])
		r = store_publish_as(out->directory, out->file, out->name);
	else if (r == 0)
		r = publish_by_template(out, name_template, report, record);
	if (r < 0)
		return complain(out->path, strerror(-r), "");
	out->stored = fstat(out->file, &st) == 0 ? (uint64_t)st.st_size : 0;
	return 0;
}
