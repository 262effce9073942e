/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "dumpctl/refilter_in.h"
#include "handler/window_core.h"
#include "store/dump_map.h"

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

int refilter_in_dump(int fd, struct refilter_in *ret, const char **ret_reason)
{
	int r;

	*ret = (struct refilter_in){ .fd = -1 };
	r = dump_read(fd, &ret->dump);
	if (r == 0)
		r = dump_random_open(ret->dump, &ret->random, ret_reason);
	if (r == 0)
		r = take_names(ret);
	if (r < 0)
		return r;
	ret->record = dump_record(ret->dump);
	ret->pread = dump_random_pread;
	ret->context = ret->random;
	ret->size = (uint64_t)ret->record->size_dump; /* known: the file was checked */
	return 0;
}

/* Whether it is a core at all, its headers say. */
int refilter_in_core(int fd, uint64_t size, struct refilter_in *ret)
{
	*ret = (struct refilter_in){
		.fd = fd,
		.pread = window_core_pread_fd,
		.size = size,
	};
	ret->context = &ret->fd;
	return 0;
}

void refilter_in_close(struct refilter_in *in)
{
	names_done(&in->names);
	memory_map_done(&in->map);
	dump_random_close(in->random);
	dump_close(in->dump);
	cleanup_fd(&in->fd);
}

bool refilter_whole(const struct record *record)
{
	return !record ||
	       (record->type && strcmp(record->type, "full") == 0 && record->outcome &&
		strcmp(record->outcome, OUTCOME_COMPLETE) == 0);
}
