/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "dumpctl/debug_choice.h"
#include "store/modules.h"

/* Each is looked for on disk: more files than a process maps, and a second of work at most. */
#define FILES_MAX 8192

/* What the kernel writes behind the path of a file without a name. */
static const char deleted_mark[] = " (deleted)";

static char *without_mark(const char *path, size_t n, bool *ret_deleted)
{
	size_t mark = sizeof(deleted_mark) - 1;

	*ret_deleted = n > mark && memcmp(path + n - mark, deleted_mark, mark) == 0;
	return strndup(path, *ret_deleted ? n - mark : n);
}

/*
 * The path of a module as /proc/PID/maps had it, which is right where NT_FILE's is not (overlayfs), and is
 * seen from the host's root. A new string; NULL: the record has none.
 */
static char *recorded_path(const struct record *record, uint64_t start)
{
	const char *text = record->modules ? record->modules : "";
	struct module_line line;
	bool deleted;

	while (modules_next(&text, &line)) {
		if (line.start == start)
			return without_mark(line.path, line.n, &deleted);
	}
	return NULL;
}

/* The part of a path that is inside of a root, or the path. */
static const char *inside(const char *root, const char *path)
{
	size_t n = strlen(root);

	if (n > 1 && strncmp(path, root, n) == 0 && path[n] == '/')
		return path + n;
	return path;
}

/* Keep the better of two; of two that are not to be had, the one of which there is more to tell. */
static void keep_best(struct debug_file *best, struct debug_file *next)
{
	if (next->verdict < best->verdict ||
	    (next->verdict == DEBUG_GONE && best->error == -ENOENT)) {
		debug_file_done(best);
		*best = *next;
	} else {
		debug_file_done(next);
	}
}

/* One place where the file may be; where not all can be trusted, only its build-id counts. */
struct place {
	const char *root, *path;
	bool by_build_id;
};

static bool acceptable(const struct debug_choice *choice, const struct place *place,
		       const struct debug_file *file)
{
	return file->verdict == DEBUG_RIGHT || (file->verdict == DEBUG_UNVERIFIED &&
						!place->by_build_id && !choice->deleted);
}

static void try_place(const struct debug_core *core, const struct place *place,
		      struct debug_choice *choice)
{
	struct debug_file file;

	if (choice->shown || !place->root || !place->path)
		return;
	debug_file_judge(core, choice->module, place->root, place->path, &file);
	choice->shown = acceptable(choice, place, &file);
	if (choice->shown) {
		debug_file_done(&choice->file);
		choice->file = file;
	} else {
		keep_best(&choice->file, &file);
	}
}

static void choose(const struct debug_core *core, const struct record *record,
		   const struct debug_places *places, struct debug_choice *choice)
{
	_cleanup_free_ char *recorded = recorded_path(record, choice->start);
	const char *host = recorded ? recorded : choice->plain;
	const char *exe = choice->module == core->program ? places->exe : NULL;
	bool elsewhere = places->foreign || places->sysroot;
	const struct place list[] = {
		{ exe ? "/" : NULL, exe, false },
		{ places->sysroot, choice->plain, false },
		{ places->sysroot, inside(places->root, host), false },
		{ places->root, inside(places->root, host), elsewhere },
		{ places->root, choice->plain, elsewhere },
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		if (!exe || i == 0) /* what was given, and nothing else */
			try_place(core, &list[i], choice);
	}
}

static enum debug_data judge_data(const struct record *record,
				  const struct debug_places *places,
				  struct debug_choice *choice)
{
	struct capture_mapping recorded;

	if (choice->deleted)
		return DEBUG_DATA_CHANGED;
	if (places->foreign)
		return DEBUG_DATA_OTHER;
	if (!debug_data_recorded(record, choice->start, &recorded))
		return DEBUG_DATA_UNRECORDED;
	choice->data_end = recorded.end;
	return debug_data_judge(places->root, choice->plain, &recorded,
				places->unchanged_since, &choice->file.path);
}

static void choose_data(const struct record *record, const struct debug_places *places,
			struct debug_choice *choice)
{
	choice->data = judge_data(record, places, choice);
	choice->shown = choice->data == DEBUG_DATA_SAME;
}

static struct debug_choice *add(struct debug_choices *choices,
				const struct file_mapping *mapped)
{
	struct debug_choice *list = choices->list, *choice;

	if ((choices->count & (choices->count - 1)) == 0) {
		list = reallocarray(list, choices->count ? choices->count * 2 : 1,
				    sizeof(*list));
		if (!list)
			return NULL;
		choices->list = list;
	}
	choice = &list[choices->count];
	*choice = (struct debug_choice){
		.start = mapped->start,
		.end = mapped->end,
		.file = { .verdict = DEBUG_GONE, .error = -ENOENT },
	};
	choice->path = strndup((const char *)mapped->path.p, mapped->path.n);
	choice->plain = without_mark((const char *)mapped->path.p, mapped->path.n,
				     &choice->deleted);
	choices->count++;
	return choice->path && choice->plain ? choice : NULL;
}

/* Of data, a mapping of the same file as the one before it needs no second look. */
static bool continues(const struct debug_choices *choices,
		      const struct file_mapping *mapped)
{
	struct debug_choice *last = choices->count ? &choices->list[choices->count - 1]
						   : NULL;

	if (!last || strlen(last->path) != mapped->path.n ||
	    memcmp(last->path, mapped->path.p, mapped->path.n) != 0)
		return false;
	if (last->module && mapped->start >= last->module->end)
		return false;
	/* two files can have one path, where a directory was mounted over */
	if (!last->module && last->data_end && mapped->start >= last->data_end)
		return false;
	last->end = mapped->end;
	return true;
}

static int add_mapping(const struct debug_core *core, const struct record *record,
		       const struct debug_places *places,
		       const struct file_mapping *mapped, struct debug_choices *choices)
{
	struct debug_choice *choice;

	if (mapped->path.n == 0 || continues(choices, mapped))
		return 0;
	if (choices->count >= FILES_MAX)
		return -E2BIG;
	choice = add(choices, mapped);
	if (!choice)
		return -ENOMEM;
	choice->module = modules_at(&core->modules, mapped->start);
	if (choice->module)
		choose(core, record, places, choice);
	else
		choose_data(record, places, choice);
	return 0;
}

static bool is_lost(const struct debug_choice *choice)
{
	return !choice->module && choice->data == DEBUG_DATA_OTHER;
}

/* A debugger opens one file for one path: where two were mapped under it, neither can be shown. */
static void hide_doubles(struct debug_choices *choices)
{
	for (size_t i = 0; i < choices->count; i++) {
		for (size_t k = 0; is_lost(&choices->list[i]) && k < choices->count;
		     k++) {
			struct debug_choice *choice = &choices->list[k];

			if (choice->module || !choice->shown ||
			    strcmp(choice->path, choices->list[i].path) != 0)
				continue;
			choice->shown = false;
			choice->data = DEBUG_DATA_OTHER;
		}
	}
}

int debug_choices_make(const struct debug_core *core, const struct record *record,
		       const struct debug_places *places, struct debug_choices *ret)
{
	int r = 0;

	*ret = (struct debug_choices){ 0 };
	for (size_t i = 0; i < core->file_count && r == 0; i++)
		r = add_mapping(core, record, places, &core->files[i], ret);
	hide_doubles(ret);
	ret->program = debug_choice_of(ret, core->program);
	return r;
}

void debug_choices_done(struct debug_choices *choices)
{
	for (size_t i = 0; i < choices->count; i++) {
		free(choices->list[i].path);
		free(choices->list[i].plain);
		free(choices->list[i].given);
		debug_file_done(&choices->list[i].file);
	}
	free(choices->list);
	*choices = (struct debug_choices){ 0 };
}

const char *debug_choice_where(const struct debug_choice *choice)
{
	return choice->given ? choice->given : choice->file.path;
}

const struct debug_choice *debug_choice_of(const struct debug_choices *choices,
					   const struct module *module)
{
	for (size_t i = 0; module && i < choices->count; i++) {
		if (choices->list[i].module == module)
			return &choices->list[i];
	}
	return NULL;
}

static bool exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* What the debugger would find by itself is there, and is it what it is to see? */
static bool misleads(const struct debug_choice *choice, const char *path)
{
	if (choice->shown)
		return choice->given || !debug_file_is(&choice->file, path);
	return exists(path);
}

bool debug_choices_mislead(const struct debug_core *core,
			   const struct debug_choices *choices)
{
	for (size_t i = 0; i < choices->count; i++) {
		if (misleads(&choices->list[i], choices->list[i].path))
			return true;
	}
	for (size_t i = 0; i < core->name_count; i++) {
		const struct debug_choice *choice =
			debug_choice_of(choices, core->names[i].module);

		if (choice && misleads(choice, core->names[i].path))
			return true;
	}
	return false;
}
