/* SPDX-License-Identifier: MIT */
/*
 * The address space in lines: address, bar, size, permissions, bytes kept, name.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <libsmartcols/libsmartcols.h>

#include "base/escape.h"
#include "dumpctl/memory.h"
#include "dumpctl/show.h"

/* Bytes of a glyph, and the bar's with its NUL. */
#define GLYPH_MAX 3
#define BAR_MAX	  (MEMORY_CELLS * GLYPH_MAX + 1)

static const struct look {
	const char *utf8, *ascii;
	const char *colour; /* SGR of ECMA-48 */
	const char *legend;
} look_table[LOOK_COUNT] = {
	[LOOK_KEPT] = { "█", "#", "32", "kept" },
	[LOOK_PARTLY] = { "▓", "+", "32", "kept in part" },
	[LOOK_SCRUBBED] = { "▒", "%", "36", "scrubbed" },
	[LOOK_DROPPED] = { "░", "-", "33", "left out" },
	[LOOK_SECRET] = { "S", "S", "35", "secret" },
	[LOOK_LOST] = { "!", "!", "31", "lost" },
	[LOOK_FILE] = { "·", ".", "34", "in its file" },
	[LOOK_UNTOUCHED] = { "0", "0", "2", "never touched: zeros" },
	[LOOK_NOT_OFFERED] = { "─", "_", "2", "not offered by the kernel" },
	[LOOK_OTHER] = { "?", "?", "31", "of a later dumpd" },
};

static const char *glyph(enum memory_look look, const struct memory_style *style)
{
	return style->utf8 ? look_table[look].utf8 : look_table[look].ascii;
}

static void make_bar(const struct memory_row *row, const struct memory_style *style,
		     char bar[BAR_MAX])
{
	char *p = bar;

	for (size_t i = 0; i < MEMORY_CELLS; i++)
		p = stpcpy(p, glyph((enum memory_look)row->cells[i], style));
}

static char *make_size(uint64_t bytes)
{
	return show_size(bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes);
}

static int address_width(const struct memory_map *map)
{
	return map->count && map->entries[map->count - 1].end >> 48 ? 16 : 12;
}

/* The end of a path tells more than its beginning: leave out what is before `room` characters. */
static const char *name_end(const char *name, int room)
{
	const char *p = name + strlen(name);

	if (room <= 0)
		return name;
	for (int n = 0; p > name && n < room; n++) {
		do {
			p--;
		} while (p > name && ((unsigned char)*p & 0xc0) == 0x80);
	}
	return p;
}

/* "/usr/lib/libc.so.6", "-", "200 mappings", "200 mappings: /dev/zero" */
static char *make_name(const struct memory_row *row, int room)
{
	_cleanup_free_ char *name = show_text(row->name);
	const char *end;
	char *text;
	int r;

	if (!name)
		return NULL;
	if (row->mappings > 1) {
		r = asprintf(&text, "%zu mappings%s%s", row->mappings,
			     row->name ? ": " : "", row->name ? name : "");
		return r < 0 ? NULL : text;
	}
	end = name_end(name, room);
	if (end > name) {
		r = asprintf(&text, "~%s", name_end(name, room - 1));
		return r < 0 ? NULL : text;
	}
	return TAKE_PTR(name);
}

static int add_row(struct libscols_table *table, const struct memory_row *row, int digits,
		   const struct memory_style *style)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	/* Columns before the name: address, bar, size, permissions, kept, and blanks. */
	int room = style->width ? style->width - (digits + MEMORY_CELLS + 7 + 4 + 7 + 5)
				: 0;
	char address[24], bar[BAR_MAX], *cells[6];
	bool complete = line != NULL;

	(void)snprintf(address, sizeof(address), "%0*" PRIx64, digits, row->start);
	make_bar(row, style, bar);
	cells[0] = strdup(address);
	cells[1] = strdup(bar);
	cells[2] = make_size(row->size);
	if (asprintf(&cells[3], "%c%c%c", row->flags & MEMORY_MAP_READ ? 'r' : '-',
		     row->flags & MEMORY_MAP_WRITE ? 'w' : '-',
		     row->flags & MEMORY_MAP_EXECUTE ? 'x' : '-') < 0)
		cells[3] = NULL;
	cells[4] = make_size(row->kept);
	cells[5] = make_name(row, style->width && room < 8 ? 8 : room);
	for (size_t i = 0; i < ARRAY_SIZE(cells); i++) {
		complete = complete && cells[i];
		if (!complete || scols_line_refer_data(line, i, cells[i]) < 0)
			free(cells[i]);
	}
	return complete ? 0 : -ENOMEM;
}

static struct libscols_table *make_table(const struct memory_map *map,
					 const struct memory_rows *rows,
					 const struct memory_style *style)
{
	static const struct {
		const char *name;
		int flags;
	} columns[] = {
		{ "ADDRESS", 0 },	    { "MEMORY", 0 },
		{ "SIZE", SCOLS_FL_RIGHT }, { "PERM", 0 },
		{ "KEPT", SCOLS_FL_RIGHT }, { "NAME", SCOLS_FL_TRUNC },
	};
	struct libscols_table *table = scols_new_table();
	bool complete = table != NULL;

	for (size_t i = 0; complete && i < ARRAY_SIZE(columns); i++)
		complete = scols_table_new_column(table, columns[i].name, 0,
						  columns[i].flags);
	for (size_t i = 0; complete && i < rows->count; i++)
		complete = add_row(table, &rows->rows[i], address_width(map), style) == 0;
	if (complete)
		return table;
	scols_unref_table(table);
	return NULL;
}

/* The bar's n bytes, each run of one glyph in its colour. */
static void print_coloured(const char *p, size_t n, const struct memory_style *style,
			   FILE *out)
{
	const struct look *before = NULL;

	while (n > 0) {
		const struct look *look = NULL;
		size_t size = 1;

		for (size_t i = 0; i < LOOK_COUNT && !look; i++) {
			const char *text = glyph((enum memory_look)i, style);

			size = strlen(text);
			if (size <= n && memcmp(p, text, size) == 0)
				look = &look_table[i];
		}
		size = look ? size : 1;
		if (look && look != before)
			fprintf(out, "\033[0;%sm", look->colour);
		fwrite(p, 1, size, out);
		before = look;
		p += size;
		n -= size;
	}
	fputs("\033[0m", out);
}

/* Bytes of the bar at p: MEMORY_CELLS characters of UTF-8. */
static size_t bar_bytes(const char *p)
{
	size_t n = 0;

	for (size_t i = 0; i < MEMORY_CELLS && p[n]; i++) {
		do {
			n++;
		} while (((unsigned char)p[n] & 0xc0) == 0x80);
	}
	return n;
}

/* A table has one colour a cell at most, and the bar's place is known: behind the address. */
static void print_lines(const char *text, size_t at, const struct memory_style *style,
			FILE *out)
{
	for (bool header = true; *text; header = false) {
		size_t n = strcspn(text, "\n");

		if (!style->colours || header || n < at) {
			fwrite(text, 1, n, out);
		} else {
			size_t bar = bar_bytes(text + at);

			fwrite(text, 1, at, out);
			print_coloured(text + at, bar, style, out);
			fwrite(text + at + bar, 1, n - at - bar, out);
		}
		fputc('\n', out);
		text += n + (text[n] == '\n');
	}
}

/* Of what is in the picture. */
static void print_legend(const struct memory_rows *rows, const struct memory_style *style,
			 FILE *out)
{
	bool seen[LOOK_COUNT] = { false };
	const char *between = "\n";

	for (size_t i = 0; i < rows->count; i++) {
		for (size_t c = 0; c < MEMORY_CELLS; c++)
			seen[rows->rows[i].cells[c]] = true;
	}
	for (size_t i = 0; i < LOOK_COUNT; i++) {
		const char *text = glyph((enum memory_look)i, style);

		if (!seen[i])
			continue;
		fputs(between, out);
		if (style->colours)
			print_coloured(text, strlen(text), style, out);
		else
			fputs(text, out);
		fprintf(out, " %s", look_table[i].legend);
		between = "  ";
	}
	if (rows->count > 0)
		fputc('\n', out);
}

int memory_picture(const struct memory_map *map, const struct memory_rows *rows,
		   const struct memory_style *style, FILE *out)
{
	struct libscols_table *table = make_table(map, rows, style);
	_cleanup_free_ char *text = NULL;
	int r;

	if (!table)
		return -ENOMEM;
	(void)scols_table_enable_noencoding(table, 1); /* the cells are escaped */
	(void)scols_table_set_termforce(table, style->width ? SCOLS_TERMFORCE_ALWAYS
							    : SCOLS_TERMFORCE_NEVER);
	if (style->width)
		(void)scols_table_set_termwidth(table, (size_t)style->width);
	r = scols_print_table_to_string(table, &text);
	scols_unref_table(table);
	if (r < 0 || !text)
		return -ENOMEM;
	print_lines(text, (size_t)address_width(map) + 1, style, out);
	print_legend(rows, style, out);
	return 0;
}
