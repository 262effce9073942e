/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "handler/capture_mappings.h"
#include "handler/data_report.h"

static bool is_data(const struct capture_mapping *mapping, const struct modules *modules)
{
	return mapping->kind == MAPPING_FILE && mapping->inode != 0 &&
	       !modules_at(modules, mapping->start);
}

static bool is_same_file(const struct capture_mapping *a, const struct capture_mapping *b)
{
	return a->inode == b->inode && a->major == b->major && a->minor == b->minor;
}

/* Return: false if there is no room. */
static bool add(const struct capture_mapping *mapping, struct report *report)
{
	size_t n = strlen(report->data_files), room = sizeof(report->data_files) - n;
	char *to = report->data_files + n;
	/* a reader needs the blank behind the inode, as in the kernel's lines: what is cut off is no line */
	int size = snprintf(
		to, room,
		"%" PRIx64 "-%" PRIx64 " r--%c %08" PRIx64 " %02x:%02x %" PRIu64 " \n",
		mapping->start, mapping->end, mapping->shared ? 's' : 'p',
		mapping->offset, mapping->major, mapping->minor, mapping->inode);

	if (size > 0 && (size_t)size < room)
		return true;
	*to = '\0';
	return false;
}

void data_report(struct bytes maps, const struct modules *modules, struct report *report)
{
	struct capture_mapping file = { 0 }, next;
	bool room = true;
	size_t at = 0;

	report->data_files[0] = '\0';
	while (room && capture_mapping_next(maps, &at, &next)) {
		bool data = is_data(&next, modules);

		if (data && is_same_file(&file, &next)) {
			file.end = next.end;
			continue;
		}
		if (file.inode != 0)
			room = add(&file, report);
		file = data ? next : (struct capture_mapping){ 0 };
	}
	if (room && file.inode != 0)
		(void)add(&file, report); /* nor is there anything behind it */
}
