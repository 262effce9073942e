/* SPDX-License-Identifier: MIT */
#include <fnmatch.h>

#include "filter/mapping.h"

/* PATH_MAX; what is longer matches nothing. */
#define NAME_MAX_SIZE 4096

bool mapping_matches(const struct view *view, const struct area *area,
		     const struct globs *globs)
{
	const struct file_mapping *file;
	struct bytes name;
	char text[NAME_MAX_SIZE];

	if (!globs->count)
		return false;
	file = notes_file_at(view->notes, area->start);
	name = file ? file->path : names_at(view->names, area->start);
	if (!name.n || name.n >= sizeof(text))
		return false;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	for (size_t i = 0; i < globs->count; i++) {
		if (fnmatch(globs->globs[i], text, 0) == 0)
			return true;
	}
	return false;
}

void mapping_add(const struct view *view, uint64_t start, uint64_t size, enum rank rank,
		 struct ranges *ranges)
{
	const struct area *area = space_at(view->space, start);

	if (!area || start >= area->content_end)
		return;
	if (size > area->content_end - start)
		size = area->content_end - start;
	ranges_add(ranges, start, start + size, rank);
}
