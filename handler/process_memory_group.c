/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/io.h"
#include "base/number.h"
#include "handler/process.h"
#include "handler/process_memory_group.h"

/* Each level is read while the process is held; container managers make some ten. */
#define LEVELS_MAX 64

/* Mounts of control groups are made at boot. */
#define MOUNTS_MAX 4096

/* kernel: PAGE_COUNTER_MAX pages; v1 writes no word for no limit. */
#define NO_LIMIT (UINT64_C(1) << 62)

struct group_files {
	const char *limit, *high, *usage,
		*inactive; /* high: NULL for v1; the last: a line of memory.stat */
};

static const struct group_files group_files[] = {
	[false] = { "memory.limit_in_bytes", NULL, "memory.usage_in_bytes",
		    "total_inactive_file" },
	[true] = { "memory.max", "memory.high", "memory.current", "inactive_file" },
};

/* One level. */
struct group {
	int mount;
	const char *below;
	const struct group_files *files;
};

uint64_t process_memory_group_enough(uint64_t present)
{
	uint64_t enough;

	return __builtin_add_overflow(present, present / 10, &enough) ? UINT64_MAX
								      : enough;
}

/* Whether a list has the word: "rw,memory" has memory. */
static bool has_word(const char *list, size_t n, const char *word)
{
	size_t length = strlen(word);

	while (n > 0) {
		const char *comma = memchr(list, ',', n);
		size_t one = comma ? (size_t)(comma - list) : n;

		if (one == length && memcmp(list, word, one) == 0)
			return true;
		one += comma != NULL;
		list += one;
		n -= one;
	}
	return false;
}

/*
 * 4:memory:/system.slice/nginx.service
 * 0::/system.slice/nginx.service
 * A controller is in one hierarchy: where v1 has it, the unified one has not.
 */
void process_group_find(const char *cgroup, struct process_group_place *ret)
{
	*ret = (struct process_group_place){ .path = NULL };
	for (const char *line = cgroup, *end; *line; line = end + (*end == '\n')) {
		const char *first = line + strspn(line, "0123456789");
		const char *second = *first == ':' ? strchr(first + 1, ':') : NULL;
		bool v2;

		end = strchrnul(line, '\n');
		if (!second || second > end)
			continue;
		v2 = strncmp(line, "0::", 3) == 0;
		if (!v2 && !has_word(first + 1, (size_t)(second - first - 1), "memory"))
			continue;
		*ret = (struct process_group_place){ v2, second + 1,
						     (size_t)(end - second - 1) };
		if (!v2)
			return;
	}
}

/* mountinfo has blanks and the like as \040. In place. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; to++) {
		if (at[0] == '\\' && strspn(at + 1, "01234567") >= 3) {
			*to = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 |
				     (at[3] - '0'));
			at += 4;
		} else {
			*to = *at++;
		}
	}
	*to = '\0';
}

/* Words of a line of mountinfo: man 5 proc. */
struct mount_words {
	char *root, *point, *type, *options;
};

static bool split_mount(char *line, struct mount_words *ret)
{
	char *rest = line, *word;
	int number = 0, after = 0;

	*ret = (struct mount_words){ .root = NULL };
	while ((word = strsep(&rest, " \n"))) {
		number++;
		if (number == 4)
			ret->root = word;
		else if (number == 5)
			ret->point = word;
		else if (after == 0 && number > 6 && strcmp(word, "-") == 0)
			after = number;
		else if (after > 0 && number == after + 1)
			ret->type = word;
		else if (after > 0 && number == after + 3)
			ret->options = word;
	}
	return ret->options != NULL;
}

int process_group_mount(const char *line, const struct process_group_place *place,
			char **ret_point, char **ret_below)
{
	_cleanup_free_ char *copy = strdup(line);
	_cleanup_free_ char *point = NULL;
	struct mount_words words;
	size_t slash = place->n > 0 && place->path[0] == '/';

	if (!copy)
		return -ENOMEM;
	/* one of a part hides the groups above it, and their limits */
	if (!split_mount(copy, &words) || strcmp(words.root, "/") != 0 ||
	    strcmp(words.type, place->v2 ? "cgroup2" : "cgroup") != 0 ||
	    (!place->v2 && !has_word(words.options, strlen(words.options), "memory")))
		return 0;
	unescape(words.point);
	point = strdup(words.point);
	*ret_below = strndup(place->path + slash, place->n - slash);
	if (!point || !*ret_below) {
		free(*ret_below);
		return -ENOMEM;
	}
	*ret_point = TAKE_PTR(point);
	return 1;
}

/* Of the handler's own namespace. Return: a descriptor, or negative errno; *ret_below as above. */
static int open_mount(const struct process_group_place *place, char **ret_below)
{
	_cleanup_file_ FILE *mounts = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	_cleanup_free_ char *point = NULL;
	_cleanup_fd_ int fd = -1;
	struct statfs fs;
	size_t size = 0;
	int r = 0;

	for (int i = 0; mounts && r == 0 && i < MOUNTS_MAX; i++) {
		if (getline(&line, &size, mounts) < 0)
			break;
		r = process_group_mount(line, place, &point, ret_below);
	}
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	fd = open(point, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstatfs(fd, &fs) < 0 ||
	    (unsigned long)fs.f_type !=
		    (place->v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC)) {
		free(TAKE_PTR(*ret_below));
		return -ENOENT;
	}
	return TAKE_FD(fd);
}

static int open_below(int mount, const char *path, int flags)
{
	const struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	int fd = (int)syscall(SYS_openat2, mount, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/* Return: 0 or negative errno; -ENOENT only for a file that a group has not, which is there. */
static int read_text(const struct group *group, const char *name, char *text, size_t size)
{
	char path[PATH_MAX + 32];
	_cleanup_fd_ int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s%s%s", group->below,
		       *group->below ? "/" : "", name);
	fd = open_below(group->mount, path, O_RDONLY);
	if (fd == -ENOENT && *group->below) {
		_cleanup_fd_ int dir =
			open_below(group->mount, group->below, O_PATH | O_DIRECTORY);

		return dir < 0 ? -ESTALE : -ENOENT;
	}
	if (fd < 0)
		return fd;
	n = io_pread(fd, text, size - 1, 0); /* the kernel gives all of it at once */
	if (n < 0)
		return (int)n;
	text[n] = '\0';
	return 0;
}

/* Return: 0 or negative errno. */
static int read_number(const struct group *group, const char *name, uint64_t *ret)
{
	char text[32];
	int r = read_text(group, name, text, sizeof(text));

	if (r < 0)
		return r;
	text[strcspn(text, "\n")] = '\0';
	if (strcmp(text, "max") == 0) {
		*ret = UINT64_MAX;
		return 0;
	}
	return number_u64(text, UINT64_MAX, ret);
}

/* *ret_limit: the least of both; UINT64_MAX: none. Return: 0 or negative errno. */
static int read_limit(const struct group *group, uint64_t *ret_limit)
{
	const char *const names[] = { group->files->limit, group->files->high };
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		uint64_t limit;
		int r = names[i] ? read_number(group, names[i], &limit) : -ENOENT;

		if (r < 0 && r != -ENOENT)
			return r;
		if (r == 0 && limit < least)
			least = limit;
	}
	*ret_limit = least >= NO_LIMIT ? UINT64_MAX : least;
	return 0;
}

/* Pages of files that the kernel drops first. To tell them it adds up all processors' counts. */
static uint64_t read_inactive(const struct group *group)
{
	char text[16 << 10];
	int64_t bytes;

	if (read_text(group, "memory.stat", text, sizeof(text)) < 0)
		return 0;
	bytes = process_status_number(text, group->files->inactive);
	return bytes > 0 ? (uint64_t)bytes : 0;
}

static uint64_t above(uint64_t limit, uint64_t used)
{
	return limit > used ? limit - used : 0;
}

/* Return: 0 or negative errno. */
static int read_room(const struct group *group, uint64_t enough, uint64_t *ret_room)
{
	uint64_t limit, usage;
	int r = read_limit(group, &limit);

	if (r < 0)
		return r;
	*ret_room = UINT64_MAX;
	if (limit == UINT64_MAX)
		return 0;
	r = read_number(group, group->files->usage, &usage);
	if (r < 0)
		return r == -ENOENT ? -EIO : r;
	*ret_room = above(limit, usage);
	if (*ret_room < enough)
		*ret_room = above(limit, above(usage, read_inactive(group)));
	return 0;
}

static void refuse(const char *reason, struct process_memory_group *ret)
{
	*ret = (struct process_memory_group){ .room = 0, .reason = reason };
}

void process_group_room(int mount, const char *below, bool v2, uint64_t enough,
			struct process_memory_group *ret)
{
	char path[PATH_MAX];
	const struct group group = { mount, path, &group_files[v2] };
	uint64_t least = UINT64_MAX, room;

	if ((size_t)snprintf(path, sizeof(path), "%s", below) >= sizeof(path)) {
		refuse("the path of its memory control group is too long", ret);
		return;
	}
	for (int level = 0; level < LEVELS_MAX; level++) {
		char *slash = strrchr(path, '/');

		if (read_room(&group, enough, &room) < 0) {
			refuse("a memory control group of its cannot be read", ret);
			return;
		}
		if (room < least)
			least = room;
		if (!*path) {
			*ret = (struct process_memory_group){ .room = least };
			return;
		}
		*(slash ? slash : path) = '\0';
	}
	refuse("its memory control group is too deep", ret);
}

/* ".." is of a process outside of the handler's namespace of control groups; the other is gone. */
static bool is_strange(const struct process_group_place *place)
{
	static const char deleted[] = " (deleted)";
	const size_t n = sizeof(deleted) - 1;
	_cleanup_free_ char *path = strndup(place->path, place->n);

	if (!path || *path != '/' || strstr(path, "/../") ||
	    (place->n >= 3 && strcmp(path + place->n - 3, "/..") == 0))
		return true;
	return place->v2 && place->n >= n && strcmp(path + place->n - n, deleted) == 0;
}

void process_memory_group_read(const char *cgroup, uint64_t enough,
			       struct process_memory_group *ret)
{
	struct process_group_place place;
	_cleanup_free_ char *below = NULL;
	_cleanup_fd_ int mount = -1;

	if (!cgroup) {
		refuse("its control groups are not known", ret);
		return;
	}
	process_group_find(cgroup, &place);
	if (!place.path) {
		*ret = (struct process_memory_group){ .room = UINT64_MAX };
		return;
	}
	if (is_strange(&place)) {
		refuse("its memory control group has a path that leads nowhere", ret);
		return;
	}
	mount = open_mount(&place, &below);
	if (mount < 0)
		refuse("no mount shows its memory control group", ret);
	else
		process_group_room(mount, below, place.v2, enough, ret);
}
