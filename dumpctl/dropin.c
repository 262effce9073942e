/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "dumpctl/dropin.h"
#include "dumpctl/files.h"

/* In the order of sysctl.d(5): a name found earlier hides the same name further down. */
static const char *const directories[] = {
	(SYSCONFDIR "/sysctl.d"), "/run/sysctl.d", "/usr/local/lib/sysctl.d",
	"/usr/lib/sysctl.d",	  "/lib/sysctl.d",
};

/* sysctl(8) --system reads it last of all; systemd does by the link 99-sysctl.conf only. */
static const char sysctl_conf[] = SYSCONFDIR "/sysctl.conf";

static const char *const systemd_dropins[] = {
	"/usr/lib/sysctl.d/50-coredump.conf",
	"/lib/sysctl.d/50-coredump.conf",
};

/* A drop-in is a page or two. */
#define DROPIN_SIZE_MAX (64ul << 10)

int dropin_write(const struct sysctl_values *values)
{
	_cleanup_free_ char *text = NULL;
	const char *name[SYSCTL_COUNT];

	for (enum sysctl i = 0; i < SYSCTL_COUNT; i++)
		name[i] = sysctl_name(i);
	if (asprintf(
		    &text,
		    "# Written by `dumpctl setup`, removed by `dumpctl setup --undo`: see dumpd(8).\n"
		    "%s=%s\n"
		    "# Above this many at once the kernel drops crashes without a handler, in silence.\n"
		    "%s=%s\n"
		    "# Programs with privileges are dumped too, readable for root only.\n"
		    "%s=%s\n",
		    name[0], values->value[0], name[1], values->value[1], name[2],
		    values->value[2]) < 0)
		return -ENOMEM;
	return file_replace(DROPIN_FILE, text, 0644);
}

int dropin_remove(void)
{
	return unlink(DROPIN_FILE) < 0 && errno != ENOENT ? -errno : 0;
}

bool dropin_present(void)
{
	return access(DROPIN_FILE, F_OK) == 0;
}

static bool is_mask(const char *path)
{
	char target[16];
	ssize_t n = readlink(path, target, sizeof(target));

	return n == (ssize_t)strlen("/dev/null") &&
	       memcmp(target, "/dev/null", (size_t)n) == 0;
}

int dropin_mask(void)
{
	struct stat st;
	bool needed = false;

	for (size_t i = 0; i < ARRAY_SIZE(systemd_dropins); i++)
		needed |= access(systemd_dropins[i], F_OK) == 0;
	if (lstat(DROPIN_MASK, &st) == 0)
		return is_mask(DROPIN_MASK) ? MASK_THERE : MASK_FOREIGN;
	if (!needed)
		return MASK_NEEDLESS;
	return symlink("/dev/null", DROPIN_MASK) < 0 ? -errno : MASK_MADE;
}

int dropin_unmask(void)
{
	if (!is_mask(DROPIN_MASK))
		return 0;
	return unlink(DROPIN_MASK) < 0 ? -errno : 0;
}

bool dropin_line_sets(const char *line, const char *key)
{
	line += strspn(line, " \t");
	if (*line == '#' || *line == ';')
		return false;
	/* "-key = value": errors are ignored */
	line += *line == '-';
	while (*key && (*line == *key || (*line == '/' && *key == '.')))
		line++, key++;
	line += strspn(line, " \t");
	return *key == '\0' && *line == '=';
}

static bool file_sets_pattern(const char *path)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_cleanup_free_ char *text = malloc(DROPIN_SIZE_MAX + 1);
	const char *key = sysctl_name(SYSCTL_CORE_PATTERN);
	ssize_t n;

	if (fd < 0 || !text)
		return false;
	n = io_read_full(fd, text, DROPIN_SIZE_MAX);
	if (n < 0)
		return false;
	text[n] = '\0';
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (dropin_line_sets(line, key))
			return true;
	}
	return false;
}

/* Is NAME in a directory that goes before the one of this number? */
static bool hidden(const char *name, size_t directory)
{
	char path[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < directory; i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", directories[i], name);

		if (n > 0 && (size_t)n < sizeof(path) && lstat(path, &st) == 0)
			return true;
	}
	return false;
}

/* sysctl.d files are read in the order of their names, wherever they are. */
static bool read_after_ours(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && strcmp(name + n - 5, ".conf") == 0 &&
	       strcmp(name, DROPIN_NAME) > 0;
}

static char *overriding_in(size_t directory)
{
	_cleanup_dir_ DIR *dir = opendir(directories[directory]);
	struct dirent *entry;

	if (!dir)
		return NULL;
	while ((entry = readdir(dir))) {
		_cleanup_free_ char *path = NULL;

		if (!read_after_ours(entry->d_name) || hidden(entry->d_name, directory))
			continue;
		if (asprintf(&path, "%s/%s", directories[directory], entry->d_name) < 0)
			return NULL;
		if (file_sets_pattern(path))
			return TAKE_PTR(path);
	}
	return NULL;
}

char *dropin_overriding(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		char *path = overriding_in(i);

		if (path)
			return path;
	}
	return file_sets_pattern(sysctl_conf) ? strdup(sysctl_conf) : NULL;
}
