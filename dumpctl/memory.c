/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "dumpctl/memory.h"
#include "dumpctl/output.h"
#include "dumpctl/reader_memory.h"
#include "dumpctl/show.h"
#include "dumpctl/terminal.h"

/* "a1b2c3d4e5f6, process 4711 (nginx): 1.3M of 27.7M kept, 214 mappings" */
static int print_title(const struct index_entry *entry, const struct memory_map *map,
		       size_t mappings)
{
	const struct record *record = &entry->record;
	_cleanup_free_ char *id = show_text(record->id);
	_cleanup_free_ char *pid = show_number(record->pid);
	_cleanup_free_ char *comm = show_text(record->comm);
	_cleanup_free_ char *kept = NULL;
	_cleanup_free_ char *all = NULL;
	struct memory_sums sums;

	memory_sums_make(map, &sums);
	kept = show_size(sums.kept > INT64_MAX ? INT64_MAX : (int64_t)sums.kept);
	all = show_size(sums.all > INT64_MAX ? INT64_MAX : (int64_t)sums.all);
	if (!id || !pid || !comm || !kept || !all)
		return -ENOMEM;
	printf("%s, process %s (%s): %s of %s kept, %zu mappings\n\n", id, pid, comm,
	       kept, all, mappings);
	return 0;
}

static void print_notes(const struct memory_rows *rows, bool derived)
{
	if (rows->count < rows->mappings)
		printf("\nMappings in a row that are alike are one line; --all shows "
		       "%zu lines.\n",
		       rows->mappings);
	if (derived)
		printf("\nThis dump has no drop map. Shown is what its program headers "
		       "tell; what was\nleft out, and why, is not known.\n");
}

static int show_text_form(const struct index_entry *entry, const struct memory_map *map,
			  bool derived, const struct memory_options *options,
			  const struct memory_style *style)
{
	_cleanup_memory_rows_ struct memory_rows rows = { NULL, 0, 0 };
	int r = memory_rows_make(map, options->all, &rows);

	if (r == 0)
		r = print_title(entry, map, rows.mappings);
	if (r == 0)
		r = memory_picture(map, &rows, style, stdout);
	if (r < 0)
		return r;
	print_notes(&rows, derived);
	return memory_summary(map, derived, style, stdout);
}

static int complain(const struct index_entry *entry, const char *reason)
{
	_cleanup_free_ char *path = show_path(entry);

	fprintf(stderr, "dumpctl info: %s: %s\n", path ? path : "", reason);
	return -ENOENT;
}

static const char *between(bool json, size_t shown)
{
	if (json)
		return shown == 0 ? "[\n" : ",\n";
	return shown == 0 ? "" : "\n";
}

static int show_entry(const struct index_entry *entry, struct reader *reader,
		      const struct memory_options *options,
		      const struct memory_style *style, size_t shown)
{
	_cleanup_memory_map_ struct memory_map map = { 0 };
	_cleanup_output_dump_ struct output_dump dump = OUTPUT_NO_DUMP;
	bool derived;
	int r = output_open(entry, reader, &dump);

	if (r < 0) /* a message was printed */
		return r == -ENOMEM ? r : -ENOENT;
	r = reader_memory(reader, dump.fd, &map, &derived);
	if (r < 0)
		return r == -ENOMEM ? r
				    : complain(entry, reader->reason[0] ? reader->reason
									: strerror(-r));
	fputs(between(options->json, shown), stdout);
	if (options->json)
		return memory_json(entry, &map, derived, stdout);
	return show_text_form(entry, &map, derived, options, style);
}

int memory_show(struct index_entry *const *entries, size_t count, struct reader *reader,
		const struct memory_options *options)
{
	const struct memory_style style = {
		.utf8 = terminal_utf8(),
		.width = terminal_width(),
		.colours = terminal_colours(),
	};
	size_t shown = 0;

	for (size_t i = 0; i < count; i++) {
		int r = show_entry(entries[i], reader, options, &style, shown);

		if (r == -ENOMEM)
			return r;
		shown += r == 0;
	}
	if (options->json)
		puts(shown > 0 ? "\n]" : "[]");
	return shown == count ? 0 : -ENOENT;
}
