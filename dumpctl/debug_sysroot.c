/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "dumpctl/debug_home.h"
#include "dumpctl/debug_sysroot.h"
#include "handler/isolate_debugger.h"

/* Descriptors that removing may hold; it goes no deeper than PATH_MAX. */
#define REMOVE_FDS 16

static int complain(const char *path, int error)
{
	fprintf(stderr, "dumpctl debug: cannot make %s: %s\n", path, strerror(-error));
	return error;
}

static char *join(const char *directory, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

static int make_paths(const struct isolate_user *user, struct debug_sysroot *sysroot)
{
	if (!user) {
		sysroot->core = join(sysroot->directory, "core");
	} else {
		sysroot->user = *user;
		sysroot->home = join(sysroot->directory, "home");
		if (asprintf(&sysroot->core, "/proc/self/fd/%d", ISOLATE_DEBUGGER_FDS) <
		    0)
			sysroot->core = NULL;
	}
	sysroot->root = join(sysroot->directory, "root");
	sysroot->here = join(sysroot->directory, "here");
	return sysroot->core && sysroot->root && sysroot->here && (sysroot->home || !user)
		       ? 0
		       : -ENOMEM;
}

/* What is made below it has the modes that it is made with, whatever the caller's umask is. */
static int open_to(const struct debug_sysroot *sysroot)
{
	const struct isolate_user *user = &sysroot->user;
	_cleanup_fd_ int fd =
		open(sysroot->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	(void)umask(022);
	if (fd < 0 || fchown(fd, (uid_t)-1, user->gid) < 0 || fchmod(fd, 0710) < 0 ||
	    mkdirat(fd, "home", 0700) < 0 ||
	    fchownat(fd, "home", user->uid, user->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

int debug_sysroot_scratch(const struct debug_sysroot *sysroot)
{
	_cleanup_free_ char *path = join(sysroot->directory, "scratch");
	_cleanup_fd_ int fd = -1;

	if (!path)
		return -ENOMEM;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || unlink(path) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static int make_core(struct debug_sysroot *sysroot)
{
	int fd;

	if (sysroot->home) {
		fd = open_to(sysroot);
		return fd < 0 ? fd : debug_sysroot_scratch(sysroot);
	}
	fd = open(sysroot->core, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

int debug_sysroot_open(const struct isolate_user *user, struct debug_sysroot *ret)
{
	const char *where = getenv("TMPDIR");
	int fd;

	*ret = (struct debug_sysroot){ .directory = NULL };
	/* /tmp is often memory; a core can be larger. */
	if (!where || where[0] != '/')
		where = "/var/tmp";
	ret->directory = join(where, "dumpctl-debug-XXXXXX");
	if (!ret->directory)
		return complain(where, -ENOMEM);
	if (!mkdtemp(ret->directory)) {
		int error = -errno;

		(void)complain(ret->directory, error);
		free(TAKE_PTR(ret->directory));
		return error;
	}
	if (make_paths(user, ret) < 0)
		return complain(ret->directory, -ENOMEM);
	fd = make_core(ret);
	return fd < 0 ? complain(ret->directory, fd) : fd;
}

/*
 * One more part of a path, as the kernel would walk it: each directory has to be there, even one that ".."
 * leaves again. What leads out of the root stays at the root. Return: 0 or negative errno.
 */
static int step(char *path, size_t root, const char *part, size_t n)
{
	size_t length = strlen(path);
	char *slash;

	if (n == 0 || (n == 1 && part[0] == '.'))
		return 0;
	if (n == 2 && memcmp(part, "..", 2) == 0) {
		slash = strrchr(path, '/');
		if (slash && (size_t)(slash - path) >= root)
			*slash = '\0';
		return 0;
	}
	if (length + 1 + n >= PATH_MAX)
		return -ENAMETOOLONG;
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	path[length] = '/';
	memcpy(path + length + 1, part, n);
	path[length + 1 + n] = '\0';
	return 0;
}

/* The place of a name below a directory of ours, whose parts are made. Return: 0 or negative errno. */
static int place(const char *directory, const char *name, char path[PATH_MAX])
{
	size_t root = strlen(directory);
	int r = 0;

	if (root >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(path, directory, root + 1);
	while (*name && r == 0) {
		size_t n = strcspn(name, "/");

		r = step(path, root, name, n);
		name += n + (name[n] == '/');
	}
	return r == 0 && strlen(path) == root ? -EINVAL : r;
}

/*
 * An ELF header, program headers and notes as they were in memory, without sections, which are in the file
 * only. Where the dump lacks that page, a header of nothing.
 */
static void make_stub(const struct debug_core *core, const struct module *module,
		      uint8_t page[PAGE])
{
	bool wide = core->word == 8;

	if (!debug_core_page(core, module->start, page)) {
		memset(page, 0, PAGE);
		debug_core_header(core, page);
	}
	/* e_shoff; e_shentsize, e_shnum and e_shstrndx */
	memset(page + (wide ? 40 : 32), 0, wide ? 8 : 4);
	memset(page + (wide ? 58 : 46), 0, 6);
}

static int write_stub(const struct debug_core *core, const struct module *module,
		      const char *path)
{
	uint8_t page[PAGE];
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return errno == EEXIST ? 0 : -errno;
	make_stub(core, module, page);
	return io_write_full(fd, page, sizeof(page));
}

/*
 * A path at which a debugger looks for a file. What cannot be made of a path (it is too long, or leads through
 * a file) no debugger can open either.
 */
static int add(const struct debug_sysroot *sysroot, const struct debug_core *core,
	       const struct debug_choice *choice, const char *name, bool stubs)
{
	char path[PATH_MAX];
	int r;

	/* what is not there needs no directories either: a hostile core has many deep names */
	if (!choice->shown && !(stubs && choice->module))
		return 0;
	r = place(name[0] == '/' ? sysroot->root : sysroot->here, name, path);
	if (r == 0 && choice->shown)
		r = symlink(debug_choice_where(choice), path) < 0 ? -errno : 0;
	else if (r == 0)
		r = write_stub(core, choice->module, path);
	return r == -ENOSPC || r == -EDQUOT || r == -EROFS || r == -EIO ? r : 0;
}

static int add_program(struct debug_sysroot *sysroot, const struct debug_core *core,
		       const struct debug_choices *choices)
{
	const struct debug_choice *program = choices->program;

	if (!program || program->shown)
		return 0;
	sysroot->program = join(sysroot->directory, "program");
	return sysroot->program ? write_stub(core, program->module, sysroot->program)
				: -ENOMEM;
}

/* Paths in the core's list of files, and the linker's names; also without what was removed. */
static int add_all(struct debug_sysroot *sysroot, const struct debug_core *core,
		   const struct debug_choices *choices, bool stubs)
{
	int r = 0;

	for (size_t i = 0; i < choices->count && r == 0; i++)
		r = add(sysroot, core, &choices->list[i], choices->list[i].path, stubs);
	for (size_t i = 0; i < core->name_count && r == 0; i++) {
		const struct debug_choice *choice =
			debug_choice_of(choices, core->names[i].module);
		const char *name = core->names[i].path;

		if (!choice)
			continue;
		sysroot->moved |= name[0] != '/';
		r = add(sysroot, core, choice, name, stubs);
	}
	return r;
}

int debug_sysroot_fill(struct debug_sysroot *sysroot, const struct debug_core *core,
		       const struct debug_choices *choices, bool stubs)
{
	int r = 0;

	sysroot->used = true;
	if (mkdir(sysroot->root, 0755) < 0 || mkdir(sysroot->here, 0755) < 0)
		r = -errno;
	if (r == 0 && stubs)
		r = add_program(sysroot, core, choices);
	if (r == 0)
		r = add_all(sysroot, core, choices, stubs);
	return r < 0 ? complain(sysroot->root, r) : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	return (type == FTW_DP ? rmdir(path) : unlink(path)) < 0 && errno != ENOENT;
}

void debug_sysroot_remove(struct debug_sysroot *sysroot)
{
	if (sysroot->home && debug_home_remove(sysroot->home, &sysroot->user) < 0) {
		fprintf(stderr, "dumpctl debug: cannot remove %s\n", sysroot->home);
		return;
	}
	if (sysroot->directory && access(sysroot->directory, F_OK) == 0 &&
	    nftw(sysroot->directory, remove_one, REMOVE_FDS, FTW_DEPTH | FTW_PHYS) != 0)
		fprintf(stderr, "dumpctl debug: cannot remove %s: %m\n",
			sysroot->directory);
}

void debug_sysroot_done(struct debug_sysroot *sysroot)
{
	free(sysroot->directory);
	free(sysroot->core);
	free(sysroot->root);
	free(sysroot->here);
	free(sysroot->home);
	free(sysroot->program);
}
