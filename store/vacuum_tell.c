/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/number.h"
#include "store/fixed.h"
#include "store/record_group.h"
#include "store/vacuum_tell.h"

/* A new string; NULL: there is none. */
static char *attribute(int fd, const char *name)
{
	char value[PATH_MAX + 16]; /* room for " (deleted)" */
	ssize_t n = fgetxattr(fd, name, value, sizeof(value) - 1);

	return n < 0 ? NULL : strndup(value, (size_t)n);
}

/* Return: 0 or -ENOMEM. */
static int set_group(const struct record_group *group, struct quota_dump *dump,
		     struct vacuum_file *file)
{
	const char *name = record_group_name(group, &dump->contained);

	file->group = name ? strdup(name) : NULL;
	dump->group = file->group;
	return !name || file->group ? 0 : -ENOMEM;
}

/* A dump of an earlier version has none of these, and is of no group. */
static void tell_group(int fd, struct quota_dump *dump, struct vacuum_file *file)
{
	_cleanup_free_ char *pod = attribute(fd, "user.coredump.pod_uid");
	_cleanup_free_ char *container = attribute(fd, "user.coredump.container_id");
	_cleanup_free_ char *user_unit = attribute(fd, "user.coredump.user_unit");
	_cleanup_free_ char *unit = attribute(fd, "user.coredump.unit");
	const struct record_group group = { pod, container, user_unit, unit };

	(void)!set_group(&group, dump, file); /* as without */
}

/* From the attributes that store/attributes.h sets. Return: whether it is known now. */
static bool tell_by_attributes(int fd, struct quota_dump *dump, struct vacuum_file *file)
{
	_cleanup_free_ char *text = attribute(fd, "user.coredump.uid");
	uint64_t uid;

	if (!text || number_u64(text, UINT32_MAX, &uid) < 0)
		return false;
	file->exe = attribute(fd, "user.coredump.exe");
	if (!file->exe)
		return false;
	dump->uid = (uint32_t)uid;
	dump->exe = file->exe;
	tell_group(fd, dump, file);
	return true;
}

/* A new string; NULL: "". Return: 0 or -ENOMEM. */
static int copy_name(const char *name, char **ret)
{
	free(*ret);
	*ret = name[0] ? strdup(name) : NULL;
	return name[0] && !*ret ? -ENOMEM : 0;
}

/* Where the file system has none, or the crash was without one. Return: 0 or negative errno. */
static int tell_by_fixed(int fd, struct quota_dump *dump, struct vacuum_file *file)
{
	struct fixed fixed;
	int r = fixed_read(fd, &fixed);

	if (r <= 0) /* of an earlier version, or damaged: nobody's */
		return r;
	if (fixed.uid != RECORD_UNKNOWN)
		dump->uid = (uint32_t)fixed.uid;
	r = copy_name(fixed.exe, &file->exe);
	if (r == 0)
		r = copy_name(fixed.group, &file->group);
	dump->exe = file->exe;
	dump->group = file->group;
	dump->contained = fixed.contained && file->group;
	return r;
}

/* It was there when the directory was read: nothing, a link or a FIFO is now. */
static bool is_gone(int error)
{
	return error == ENOENT || error == ELOOP || error == ENXIO;
}

/* Return: 1; 0: it is none of ours; -ENOMEM; or why that cannot be known. */
static int tell_one(int store_fd, struct quota_dump *dump, struct vacuum_file *file)
{
	_cleanup_fd_ int fd =
		openat(store_fd, file->name,
		       O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return is_gone(errno) ? 0 : -errno;
	if (st.st_ino != file->inode || !S_ISREG(st.st_mode))
		return 0;
	r = fixed_is_dump(fd);
	if (r <= 0 || tell_by_attributes(fd, dump, file))
		return r;
	r = tell_by_fixed(fd, dump, file);
	return r < 0 ? r : 1;
}

int vacuum_tell(int store_fd, struct vacuum_scan *scan)
{
	size_t ours = 0;
	int r = 0;

	for (size_t i = 0; i < scan->count; i++) {
		struct vacuum_file file = scan->files[i];
		struct quota_dump dump = scan->dumps[i];

		if (r != -ENOMEM)
			r = tell_one(store_fd, &dump, &file);
		if (r <= 0) {
			scan->unreadable += r < 0;
			free(file.name);
			free(file.exe);
			free(file.group);
			continue;
		}
		scan->files[ours] = file;
		scan->dumps[ours++] = dump;
	}
	scan->count = ours;
	scan->told = true;
	return r == -ENOMEM ? r : 0;
}
