/* SPDX-License-Identifier: MIT */
/*
 * Bytes of memory by what became of them, and by what they are to a debugger.
 */
#include <errno.h>
#include <string.h>

#include <libsmartcols/libsmartcols.h>

#include "dumpctl/memory.h"
#include "dumpctl/show.h"
#include "filter/fate.h"

static const char *const fate_texts[FATE_COUNT] = {
	[FATE_KEPT] = "in the dump",
	[FATE_TYPE] = "of a rank that the type leaves out",
	[FATE_BUDGET] = "more than what was left of Budget",
	[FATE_PACKED] = "more than what was left of a fifth of Budget, when compressed",
	[FATE_LIMIT] = "MaxSize, RLIMIT_CORE, or the room on the disk",
	[FATE_CONFIG] = "Drop or MappingMax of the configuration",
	[FATE_HINT] = "the program's own hint",
	[FATE_SECRET] = "the program's own hint: zeros in the dump",
	[FATE_SCRUBBED] = "only what looks like pointers and small numbers",
	[FATE_FILE] = "in its file, which a debugger reads",
	[FATE_UNTOUCHED] = "never touched: it reads as zeros",
	[FATE_NOT_OFFERED] = "the kernel does not dump it, and no file has it",
	[FATE_LOST] = "the stream ended or the disk was full",
};

static const char *const rank_texts[RANK_REST + 1] = {
	[RANK_MUST] = "nothing to choose",
	[RANK_CRASH] = "the crashing thread's stack, PC and fault",
	[RANK_LOADER] = "what tells which objects are loaded",
	[RANK_OBJECT] = "first pages of objects, vDSO",
	[RANK_HINT] = "what hints or configuration keep",
	[RANK_THREAD] = "other threads' stacks, thread-local data",
	[RANK_GLOBAL] = "changed memory of files: globals",
	[RANK_RUNTIME] = "lists, frames and objects of a runtime",
	[RANK_POINTEE] = "what registers and stacks point to",
	[RANK_FAR_STACK] = "far above stack pointers in larger mappings",
	[RANK_PRIVATE] = "other private memory",
	[RANK_DEAD_STACK] = "below the stack pointers",
	[RANK_SHARED] = "shared memory",
	[RANK_REST] = "unchanged files, all else",
};

static const char *fate_text(const char *word)
{
	for (enum fate f = 0; f < FATE_COUNT; f++) {
		if (strcmp(fate_name(f), word) == 0)
			return fate_texts[f];
	}
	return "";
}

static const char *rank_text(const char *word)
{
	for (enum rank r = 0; r <= RANK_REST; r++) {
		if (strcmp(rank_name(r), word) == 0)
			return rank_texts[r];
	}
	return "";
}

static struct libscols_table *new_table(const struct memory_style *style,
					const char *const names[], size_t count)
{
	struct libscols_table *table = scols_new_table();

	if (!table)
		return NULL;
	(void)scols_table_set_termforce(table, style->width ? SCOLS_TERMFORCE_ALWAYS
							    : SCOLS_TERMFORCE_NEVER);
	if (style->width)
		(void)scols_table_set_termwidth(table, (size_t)style->width);
	for (size_t i = 0; i < count; i++) {
		int flags = i == 0 ? 0 : i < count - 1 ? SCOLS_FL_RIGHT : SCOLS_FL_TRUNC;

		if (!scols_table_new_column(table, names[i], 0, flags)) {
			scols_unref_table(table);
			return NULL;
		}
	}
	return table;
}

/* A word, `count` sizes, a text. */
static int add_line(struct libscols_table *table, const char *word, const uint64_t *sizes,
		    size_t count, const char *text)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	int r = line ? scols_line_set_data(line, 0, word) : -ENOMEM;

	for (size_t i = 0; i < count && r == 0; i++) {
		_cleanup_free_ char *size =
			show_size(sizes[i] > INT64_MAX ? INT64_MAX : (int64_t)sizes[i]);

		r = size ? scols_line_set_data(line, 1 + i, size) : -ENOMEM;
	}
	if (r == 0)
		r = scols_line_set_data(line, 1 + count, text);
	return r == 0 ? 0 : -ENOMEM;
}

static int print_table(struct libscols_table *table, int r, FILE *out)
{
	fputc('\n', out);
	if (r == 0 &&
	    (scols_table_set_stream(table, out) < 0 || scols_print_table(table) < 0))
		r = -ENOMEM;
	scols_unref_table(table);
	return r;
}

static int print_fates(const struct memory_map *map, const struct memory_sums *sums,
		       const struct memory_style *style, FILE *out)
{
	static const char *const names[] = { "FATE", "BYTES", "WHY" };
	struct libscols_table *table = new_table(style, names, ARRAY_SIZE(names));
	int r = table ? 0 : -ENOMEM;

	for (size_t i = 0; i < map->words.count && r == 0; i++) {
		const char *word = map->words.texts[i];

		if (sums->fate[i] > 0)
			r = add_line(table, word, &sums->fate[i], 1, fate_text(word));
	}
	return table ? print_table(table, r, out) : r;
}

/* In the order of ranks; words of a later version last. */
static int add_rank(struct libscols_table *table, const struct memory_map *map,
		    const struct memory_sums *sums, const char *word)
{
	for (size_t i = 0; i < map->words.count; i++) {
		const uint64_t sizes[] = { sums->rank_kept[i], sums->rank_left[i] };

		if (sizes[0] + sizes[1] > 0 && strcmp(map->words.texts[i], word) == 0)
			return add_line(table, word, sizes, 2, rank_text(word));
	}
	return 0;
}

static int print_ranks(const struct memory_map *map, const struct memory_sums *sums,
		       const struct memory_style *style, FILE *out)
{
	static const char *const names[] = { "RANK", "KEPT", "NOT KEPT", "WHAT" };
	struct libscols_table *table = new_table(style, names, ARRAY_SIZE(names));
	int r = table ? 0 : -ENOMEM;

	for (enum rank rank = RANK_CRASH; rank <= RANK_REST && r == 0; rank++)
		r = add_rank(table, map, sums, rank_name(rank));
	if (r == 0)
		r = add_rank(table, map, sums, rank_name(RANK_MUST));
	for (size_t i = 0; i < map->words.count && r == 0; i++) {
		const char *word = map->words.texts[i];

		if (rank_text(word)[0] == '\0')
			r = add_rank(table, map, sums, word);
	}
	return table ? print_table(table, r, out) : r;
}

int memory_summary(const struct memory_map *map, bool derived,
		   const struct memory_style *style, FILE *out)
{
	struct memory_sums sums;
	int r;

	memory_sums_make(map, &sums);
	r = print_fates(map, &sums, style, out);
	return r == 0 && !derived ? print_ranks(map, &sums, style, out) : r;
}
