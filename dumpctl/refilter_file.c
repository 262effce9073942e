/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "dumpctl/output.h"
#include "dumpctl/refilter_file.h"
#include "store/dump.h"

static int complain(const char *path, const char *what)
{
	_cleanup_free_ char *text = escape_text(path, strlen(path));

	fprintf(stderr, "dumpctl refilter: %s: %s\n", text ? text : "", what);
	return -1;
}

static void take_dump(struct refilter_file *file)
{
	file->is_dump = true;
	file->size = file->record.size_dump < 0 ? 0 : (uint64_t)file->record.size_dump;
	file->timestamp = file->record.timestamp;
}

/* Whether it is a core at all, its headers say. */
static int take_core(struct refilter_file *file, const char *path)
{
	struct stat st;

	cleanup_fd(&file->fd);
	file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file->fd < 0 || fstat(file->fd, &st) < 0)
		return complain(path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return complain(path, "not a file");
	file->size = file->stored = (uint64_t)st.st_size;
	file->timestamp =
		(int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000;
	return 0;
}

static int open_file(struct reader *reader, const char *path, struct refilter_file *file)
{
	_cleanup_free_ char *copy = strdup(path);
	_cleanup_free_ char *other = strdup(path);
	_cleanup_fd_ int directory = -1;
	int r;

	if (!copy || !other)
		return complain(path, strerror(ENOMEM));
	directory = open(dirname(copy), O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return complain(path, strerror(errno));
	file->fd = dump_file_open(directory, basename(other), &file->stored);
	r = file->fd < 0 ? file->fd : reader_record(reader, file->fd, &file->record);
	if (r == -EBADMSG)
		return take_core(file, path);
	if (r < 0)
		return complain(path, reader->reason[0] ? reader->reason : strerror(-r));
	take_dump(file);
	return 0;
}

static int open_match(struct select *select, char *what, struct refilter_file *file)
{
	struct output_dump dump = OUTPUT_NO_DUMP;
	char *operands[] = { what, NULL };
	const struct index_entry *entry;

	if (select_matches(select, operands) < 0 || select_load(select) < 0)
		return -1;
	entry = select_newest(select);
	if (!entry || output_open(entry, &select->reader, &dump) < 0)
		return -1;
	file->fd = dump.fd;
	file->record = dump.record;
	file->stored = dump.size;
	take_dump(file);
	return 0;
}

static bool is_file(const char *what)
{
	struct stat st;

	return stat(what, &st) == 0 && !S_ISDIR(st.st_mode);
}

int refilter_file_open(struct select *select, char *what, struct refilter_file *ret)
{
	int r;

	*ret = (struct refilter_file){ .fd = -1 };
	record_init(&ret->record);
	r = is_file(what) ? open_file(&select->reader, what, ret)
			  : open_match(select, what, ret);
	if (r < 0)
		refilter_file_close(ret);
	return r;
}

void refilter_file_close(struct refilter_file *file)
{
	cleanup_fd(&file->fd);
	file->fd = -1;
	record_done(&file->record);
}

const struct record *refilter_file_record(const struct refilter_file *file)
{
	return file->is_dump ? &file->record : NULL;
}
