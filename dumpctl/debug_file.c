/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/openat2.h>

#include "base/io.h"
#include "dumpctl/debug_file.h"

/* A path without opening what is there: no FIFO waits, no device does anything. */
static int find(const char *root, const char *path)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	_cleanup_fd_ int dirfd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	long fd;

	if (dirfd < 0)
		return -errno;
	fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
	/* before Linux 5.6, or forbidden by a filter: without a root there is nothing to leave */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM) && strcmp(root, "/") == 0)
		fd = open(path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

/* For reading, once it is known to be a regular file; and where it is. */
static int open_found(int found, char **ret_path)
{
	char link[48], target[PATH_MAX];
	struct stat st;
	ssize_t n;
	int fd;

	if (fstat(found, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EMEDIUMTYPE;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", found); /* fits */
	n = readlink(link, target, sizeof(target));
	if (n <= 0 || (size_t)n >= sizeof(target))
		return n < 0 ? -errno : -ENAMETOOLONG;
	fd = open(link, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_path = strndup(target, (size_t)n);
	if (*ret_path)
		return fd;
	(void)close(fd); /* only read */
	return -ENOMEM;
}

int debug_file_open(const char *root, const char *path, char **ret_path)
{
	_cleanup_fd_ int found = find(root, path);

	return found < 0 ? found : open_found(found, ret_path);
}

/* A mapping ends in zeros where the file ends in its page. */
static enum debug_verdict compare_page(const struct debug_core *core,
				       const struct module *module, int fd)
{
	uint8_t mapped[PAGE], page[PAGE] = { 0 };

	if (!debug_core_page(core, module->start, mapped))
		return DEBUG_UNKNOWN;
	if (io_pread_full(fd, page, sizeof(page), 0) < 0)
		return DEBUG_OTHER;
	return memcmp(mapped, page, sizeof(page)) == 0 ? DEBUG_UNVERIFIED : DEBUG_OTHER;
}

/*
 * Of the file's bytes none but these are looked at with the rights of dumpctl's caller. What is no ELF file, as
 * /etc/shadow, is not handed to the child that reads what may be made by anybody.
 */
static bool is_elf(int fd)
{
	uint8_t magic[SELFMAG];

	return io_pread_full(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	       memcmp(magic, ELFMAG, SELFMAG) == 0;
}

enum debug_verdict debug_file_compare(const struct debug_core *core,
				      const struct module *module, int fd,
				      struct build_id *ret)
{
	struct stat st;

	*ret = (struct build_id){ .state = BUILD_ID_UNREAD };
	if (fstat(fd, &st) < 0 || st.st_size < 0)
		return DEBUG_OTHER;
	/* where the child dies of it, all that is chosen is of no use (debug_core_is_lost()) */
	if (is_elf(fd) && debug_core_build_id(core, fd, (uint64_t)st.st_size, ret) < 0)
		return DEBUG_OTHER;
	if (module->build_id.state != BUILD_ID_FOUND)
		return compare_page(core, module, fd);
	return build_id_same(&module->build_id, ret) ? DEBUG_RIGHT : DEBUG_OTHER;
}

void debug_file_judge(const struct debug_core *core, const struct module *module,
		      const char *root, const char *path, struct debug_file *ret)
{
	_cleanup_free_ char *where = NULL;
	_cleanup_fd_ int fd = debug_file_open(root, path, &where);

	*ret = (struct debug_file){ .verdict = DEBUG_GONE,
				    .build_id.state = BUILD_ID_UNREAD };
	if (fd < 0) {
		ret->error = fd;
		return;
	}
	ret->path = TAKE_PTR(where);
	ret->verdict = debug_file_compare(core, module, fd, &ret->build_id);
}

void debug_file_done(struct debug_file *file)
{
	free(file->path);
	file->path = NULL;
}

bool debug_file_is(const struct debug_file *file, const char *path)
{
	struct stat a, b;

	return file->path && stat(file->path, &a) == 0 && stat(path, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}
