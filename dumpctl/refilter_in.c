/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "dumpctl/output.h"
#include "dumpctl/refilter_in.h"
#include "handler/window_core.h"
#include "store/dump_map.h"

static int complain(const char *path, const char *what)
{
	_cleanup_free_ char *text = escape_text(path, strlen(path));

	fprintf(stderr, "dumpctl refilter: %s: %s\n", text ? text : "", what);
	return -1;
}

/* A mapping has one name, however many pieces the map has of it. */
static void take_name(const struct memory_map *map, const struct memory_map_entry *entry,
		      struct names *names)
{
	const char *name = memory_map_name(map, entry);
	struct named *last = names->count ? &names->named[names->count - 1] : NULL;

	if (!name)
		return;
	if (last && last->end == entry->start && !(entry->flags & MEMORY_MAP_FIRST))
		last->end = entry->end;
	else
		names->named[names->count++] = (struct named){
			.start = entry->start,
			.end = entry->end,
			.name = { (const uint8_t *)name, strlen(name) },
		};
}

/* The drop map knows the names that /proc/PID/maps had; the core has those of files only. */
static int take_names(struct refilter_in *in)
{
	const char *reason;
	int r = dump_memory_map(in->dump, &in->map, &reason);

	if (r < 0)
		return r == -ENOMEM ? r : 0; /* as of an older dump: files have names */
	in->names.named = calloc(in->map.count + 1, sizeof(*in->names.named));
	if (!in->names.named)
		return -ENOMEM;
	for (size_t i = 0; i < in->map.count; i++)
		take_name(&in->map, &in->map.entries[i], &in->names);
	return 0;
}

int refilter_in_take(struct refilter_in *in, const char *path)
{
	const char *reason = "there is no memory to read it";
	int r = dump_random_open(in->dump, &in->random, &reason);

	if (r == 0)
		r = take_names(in);
	if (r < 0)
		return complain(path, reason);
	in->record = dump_record(in->dump);
	in->pread = dump_random_pread;
	in->context = in->random;
	in->size = (uint64_t)in->record->size_dump; /* known: the file was checked */
	in->stored = dump_file_size(in->dump);
	in->timestamp = in->record->timestamp;
	return 0;
}

/* Whether it is a core at all, its headers say. */
static int take_core(struct refilter_in *in, const char *path)
{
	struct stat st;

	in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (in->fd < 0 || fstat(in->fd, &st) < 0)
		return complain(path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return complain(path, "not a file");
	in->pread = window_core_pread_fd;
	in->context = &in->fd;
	in->size = in->stored = (uint64_t)st.st_size;
	in->timestamp = (int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000;
	return 0;
}

static int open_file(const char *path, struct refilter_in *in)
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
	r = dump_open(directory, basename(other), &in->dump);
	if (r == -EBADMSG)
		return take_core(in, path);
	return r < 0 ? complain(path, strerror(-r)) : refilter_in_take(in, path);
}

static int open_match(struct select *select, char *what, struct refilter_in *in)
{
	char *operands[] = { what, NULL };
	const struct index_entry *entry;

	if (select_matches(select, operands) < 0 || select_load(select) < 0)
		return -1;
	entry = select_newest(select);
	if (!entry || output_open(entry, "refilter", &in->dump) < 0)
		return -1;
	return refilter_in_take(in, entry->name);
}

static bool is_file(const char *what)
{
	struct stat st;

	return stat(what, &st) == 0 && !S_ISDIR(st.st_mode);
}

int refilter_in_open(struct select *select, char *what, struct refilter_in *ret)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->fd = -1;
	r = is_file(what) ? open_file(what, ret) : open_match(select, what, ret);
	if (r < 0)
		refilter_in_close(ret);
	return r;
}

void refilter_in_close(struct refilter_in *in)
{
	names_done(&in->names);
	memory_map_done(&in->map);
	dump_random_close(in->random);
	dump_close(in->dump);
	cleanup_fd(&in->fd);
}

bool refilter_in_whole(const struct refilter_in *in)
{
	const struct record *record = in->record;

	return !record ||
	       (record->type && strcmp(record->type, "full") == 0 && record->outcome &&
		strcmp(record->outcome, OUTCOME_COMPLETE) == 0);
}
