/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "filter/data_files.h"
#include "filter/data_files_lost.h"
#include "filter/rewrite.h"

/* Behind a module's first mapping the kernel offers what was changed; code it does not, unless it is asked to. */
static bool is_changed_module(const struct notes *notes, const struct area *area)
{
	const struct file_mapping *file = notes_file_at(notes, area->start);

	return area->backing == BACKING_FILE && area->content_end > area->start &&
	       !(area->segment->flags & PF_X) && file && file->offset > 0;
}

static bool may_lose(const struct notes *notes, const struct area *area)
{
	return area->has_file &&
	       (area->is_data || area->is_classes || is_changed_module(notes, area));
}

static size_t count_files(const struct view *view)
{
	size_t count = 0;

	for (size_t i = 0; i < view->space->count; i++)
		count += may_lose(view->notes, &view->space->areas[i]);
	return count;
}

int data_files_remember(const struct view *view, struct plan *plan)
{
	struct space *files = &plan->data_files;
	size_t count = count_files(view);

	if (!count)
		return 0;
	files->areas = calloc(count, sizeof(*files->areas));
	plan->notes_room = malloc(view->core->notes.n + 1);
	if (!files->areas || !plan->notes_room)
		return -ENOMEM;
	for (size_t i = 0; i < view->space->count; i++) {
		if (!may_lose(view->notes, &view->space->areas[i]))
			continue;
		files->areas[files->count] = view->space->areas[i];
		files->areas[files->count++].segment = NULL; /* of the core */
	}
	return 0;
}

static bool is_same_file(const struct notes *notes, const struct area *a,
			 const struct area *b)
{
	const struct file_mapping *x = notes_file_at(notes, a->start);
	const struct file_mapping *y = notes_file_at(notes, b->start);

	return x && y && x->path.n == y->path.n &&
	       memcmp(x->path.p, y->path.p, x->path.n) == 0;
}

/* Without its memory: what has no code beside it is no module, whatever its first page is. */
void data_files_guess(const struct notes *notes, struct space *space)
{
	for (size_t i = 0, end; i < space->count; i = end) {
		bool code = false;

		for (end = i; end < space->count &&
			      (end == i ||
			       is_same_file(notes, &space->areas[i], &space->areas[end]));
		     end++)
			code |= space->areas[end].segment->flags & PF_X;
		for (size_t n = i; n < end && !code; n++)
			space->areas[n].is_data |= space->areas[n].has_file;
	}
}

/* A plan has cut a mapping into pieces, of which the first need not be there. */
int data_files_found(const struct view *view, struct plan *plan)
{
	struct space *files = &plan->data_files;
	int r = data_files_remember(view, plan);
	size_t count = 0;

	for (size_t i = 0; i < files->count; i++) {
		struct area area = files->areas[i];
		const struct file_mapping *file = notes_file_at(view->notes, area.start);

		if (!file || (count > 0 && files->areas[count - 1].end > file->start))
			continue;
		area.start = file->start;
		area.end = file->end;
		files->areas[count++] = area;
	}
	files->count = count;
	return r;
}

static struct area *file_of(const struct plan *plan, const struct segment *s)
{
	const struct area *area =
		s->type == PT_LOAD ? space_at(&plan->data_files, s->vaddr) : NULL;

	return area ? &plan->data_files.areas[area - plan->data_files.areas] : NULL;
}

/* Return: whether a file has lost something that it had before. */
static bool mark(struct plan *plan, uint64_t size)
{
	bool marked = false;

	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct segment *s = &plan->segments[i];
		struct area *file = file_of(plan, s);

		if (file && !file->is_cut && rewrite_there(s, size) < s->filesz) {
			file->is_cut = true;
			file->has_file = false;
			marked = true;
		}
	}
	return marked;
}

/* What is not in the core is in no file that may be read: with a header it would be zeros. */
static void drop_headers(struct plan *plan)
{
	for (size_t i = 0; i < plan->segment_count; i++) {
		struct segment *s = &plan->segments[i];
		const struct area *file = file_of(plan, s);

		if (!file || !file->is_cut)
			continue;
		if (s->filesz)
			s->memsz = s->filesz;
		else
			*s = (struct segment){ .type = PT_NULL };
	}
}

/* The first PT_NOTE; NULL: it is behind memory, where nothing of it can be changed. */
static struct segment *notes_of(const struct plan *plan)
{
	for (size_t i = 0; i < plan->segment_count; i++) {
		struct segment *s = &plan->segments[i];

		if (s->type == PT_NOTE)
			return s->offset <= plan->header_size &&
					       s->filesz <= plan->header_size - s->offset
				       ? s
				       : NULL;
	}
	return NULL;
}

/* What follows stays where it is. */
static void drop_entries(struct plan *plan)
{
	struct segment *s = notes_of(plan);
	uint8_t *notes;
	size_t n;

	if (!s)
		return;
	notes = plan->header + s->offset;
	n = data_files_notes(&plan->data_files, plan->word,
			     (struct bytes){ notes, (size_t)s->filesz },
			     plan->notes_room);
	memcpy(notes, plan->notes_room, n);
	memset(notes + n, 0, (size_t)s->filesz - n);
	s->filesz = n;
}

void data_files_lost(struct plan *plan, uint64_t size)
{
	if (!mark(plan, size))
		return;
	drop_headers(plan);
	drop_entries(plan);
}
