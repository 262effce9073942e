/* SPDX-License-Identifier: MIT */
/*
 * Which files are read, and in which order.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "config/contents.h"
#include "config/parse.h"

/* A hundred times the longest sensible file: beyond it somebody named the wrong one. */
#define FILE_SIZE_MAX (1l << 20)

/* The handler reads them all while a dead process waits. */
#define DROP_INS_MAX 256

static void file_problem(struct config *config, const char *file, const char *reason)
{
	struct config_origin where = { .file = file };

	contents_problem(config, &where, SETTING_COUNT, "file is ignored: %s", reason);
}

/*
 * Return: NULL and the bytes (malloced), or why there are none. Without memory nobody knows what the
 * file forbids: that is no mistake of the administrator's, but an end.
 */
static const char *read_open_file(struct config *config, int fd, char **ret,
				  size_t *ret_n)
{
	_cleanup_free_ char *bytes = NULL;
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? "it is a directory"
					   : "it is no regular file";
	if (st.st_size > FILE_SIZE_MAX)
		return "it is larger than 1 MiB";
	bytes = malloc((size_t)st.st_size + 1);
	if (!bytes) {
		config->no_memory = true;
		return strerror(ENOMEM);
	}
	n = io_read_full(fd, bytes, (size_t)st.st_size);
	if (n < 0)
		return strerror((int)-n);
	*ret = TAKE_PTR(bytes);
	*ret_n = (size_t)n;
	return NULL;
}

/* Missing, or a link to what is missing: the one is usual, the other is a mistake. */
static bool is_link(const char *file)
{
	struct stat st;

	return lstat(file, &st) == 0 && S_ISLNK(st.st_mode);
}

/* Symbolic links are followed: it is the administrator who puts them here. */
static void read_file(struct config *config, const char *file, bool may_be_missing)
{
	_cleanup_fd_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_free_ char *bytes = NULL;
	const char *reason;
	size_t n = 0;

	if (fd < 0 && errno == ENOENT && may_be_missing && !is_link(file))
		return;
	reason = fd < 0 ? strerror(errno) : read_open_file(config, fd, &bytes, &n);
	if (reason)
		file_problem(config, file, reason);
	else
		config_parse(config, file, bytes, n);
}

static int is_drop_in(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	/* An editor's ".name.conf" is not meant. */
	return entry->d_name[0] != '.' && n > 5 &&
	       strcmp(entry->d_name + n - 5, ".conf") == 0;
}

/* Bytes, not alphasort's locale: the handler and dumpctl must read in the same order. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_drop_in(struct config *config, const char *directory, const char *name)
{
	_cleanup_free_ char *path = NULL;
	const char *file;

	if (asprintf(&path, "%s/%s", directory, name) < 0) {
		path = NULL;
		config->no_memory = true;
		return;
	}
	file = contents_text(config, path, strlen(path));
	if (file)
		read_file(config, file, false);
}

static void read_drop_ins(struct config *config, const char *directory)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, is_drop_in, by_name);

	if (count < 0) {
		if (errno == ENOMEM)
			config->no_memory = true;
		else if (errno != ENOENT)
			file_problem(config, directory, strerror(errno));
		return;
	}
	for (int i = 0; i < count; i++) {
		if (i < DROP_INS_MAX)
			read_drop_in(config, directory, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (count > DROP_INS_MAX)
		contents_problem(config, &(struct config_origin){ .file = directory },
				 SETTING_COUNT, "only the first %d of %d files are read",
				 DROP_INS_MAX, count);
}

static void read_all(struct config *config, const char *path)
{
	_cleanup_free_ char *drop_ins = NULL;
	const char *file = path ? path : CONFIG_FILE, *kept, *directory;

	if (asprintf(&drop_ins, "%s.d", file) < 0) {
		drop_ins = NULL;
		config->no_memory = true;
		return;
	}
	kept = contents_text(config, file, strlen(file));
	directory = contents_text(config, drop_ins, strlen(drop_ins));
	if (!kept || !directory)
		return;
	read_file(config, kept, !path);
	read_drop_ins(config, directory);
	contents_finish(config);
}

int config_load(const char *path, struct config **ret)
{
	_cleanup_config_ struct config *config = calloc(1, sizeof(*config));

	if (!config)
		return -ENOMEM;
	read_all(config, path);
	if (config->no_memory)
		return -ENOMEM;
	*ret = TAKE_PTR(config);
	return 0;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->text_count; i++)
		free(config->texts[i]);
	for (size_t i = 0; i < config->problem_count; i++)
		free(config->problems[i].text);
	for (size_t i = 0; i < config->section_count; i++)
		free(config->sections[i]);
	free(config->texts);
	free(config->sections);
	free(config->assignments);
	free(config->problems);
	free(config);
}

size_t config_problem_count(const struct config *config)
{
	return config->problem_count;
}

const char *config_problem(const struct config *config, size_t i)
{
	return config->problems[i].text;
}

size_t config_section_count(const struct config *config)
{
	return config->section_count;
}

const struct config_section *config_section(const struct config *config, size_t i)
{
	return config->sections[i];
}

size_t config_assignment_count(const struct config *config)
{
	return config->assignment_count;
}

const struct config_assignment *config_assignment(const struct config *config, size_t i)
{
	return &config->assignments[i];
}
