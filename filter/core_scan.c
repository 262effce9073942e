/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "filter/core_scan.h"
#include "filter/core_table.h"

enum step {
	STEP_IDENT,
	STEP_HEADER,
	STEP_FIRST,
	STEP_SEGMENT,
	STEP_DONE
};

void core_scan_init(struct core_scan *scan, core_scan_take take, void *context)
{
	*scan = (struct core_scan){
		.take = take,
		.context = context,
		.data_start = UINT64_MAX,
		.want = EI_NIDENT,
	};
}

void core_scan_done(struct core_scan *scan)
{
	core_order_done(&scan->in_file);
	core_order_done(&scan->in_memory);
}

static int bad(struct core_scan *scan, const char *problem)
{
	scan->problem = problem;
	return -EBADMSG;
}

static struct bytes part(const struct core_scan *scan)
{
	return (struct bytes){ scan->part, scan->have };
}

/* EI_NIDENT bytes say the class, and so how long the whole header is. */
static int step_ident(struct core_scan *scan)
{
	if (memcmp(scan->part, ELFMAG, SELFMAG) != 0)
		return bad(scan, "not an ELF file");
	scan->want = elf_header_size(scan->part[EI_CLASS] == ELFCLASS64 ? 8 : 4);
	scan->step = STEP_HEADER;
	return 0;
}

/* The next `want` bytes are a program header's. */
static void want_segment(struct core_scan *scan, enum step step)
{
	scan->have = 0;
	scan->want =
		scan->header.phentsize; /* as large as the class says: elf.c has looked */
	scan->step = step;
}

static int step_header(struct core_scan *scan)
{
	const char *problem = elf_header_read(part(scan), &scan->header);

	if (problem)
		return bad(scan, problem);
	if (scan->header.phnum == 0)
		return bad(scan, "a core without program headers");
	if (scan->header.phoff > CORE_HEADER_MAX)
		return bad(scan, "program headers far behind the beginning");
	scan->skip =
		scan->header.phoff - scan->position; /* not before: elf.c has looked */
	want_segment(scan, STEP_FIRST);
	return 0;
}

static uint64_t table_end(const struct core_scan *scan)
{
	return scan->header.phoff + scan->count * scan->header.phentsize;
}

static int too_large(struct core_scan *scan)
{
	return bad(scan, "headers and notes of more than 256 MiB");
}

bool core_scan_notes_early(const struct core_scan *scan)
{
	return scan->note.type == PT_NOTE && scan->note.filesz > 0 &&
	       scan->note.offset + scan->note.filesz <= scan->data_start;
}

static int check_order(struct core_scan *scan, struct core_order *order,
		       const char *problem)
{
	int r = core_order_overlaps(order);

	if (r > 0)
		return bad(scan, problem);
	return r < 0 ? bad(scan, "more segments in no order than are looked at") : 0;
}

static int finish(struct core_scan *scan)
{
	int r = check_order(scan, &scan->in_file, "segments that overlap in the file");

	if (r == 0)
		r = check_order(scan, &scan->in_memory,
				"segments that overlap in memory");
	if (r < 0)
		return r;
	if (scan->data_start < table_end(scan))
		return bad(scan, "memory inside the program headers");
	if (scan->note.filesz > 0 && scan->note.offset < table_end(scan))
		return bad(scan, "notes inside the program headers");
	if (core_scan_notes_early(scan) &&
	    scan->note.offset + scan->note.filesz > CORE_HEADER_MAX)
		return too_large(scan);
	scan->step = STEP_DONE;
	return 0;
}

static int take_load(struct core_scan *scan, const struct segment *s)
{
	int r = 0;

	if (s->memsz > 0)
		r = core_order_add(&scan->in_memory, s->vaddr, s->memsz);
	if (r < 0 || s->filesz == 0)
		return r;
	if (s->offset < scan->data_start)
		scan->data_start = s->offset;
	if (s->offset + s->filesz > scan->data_end)
		scan->data_end = s->offset + s->filesz;
	return core_order_add(&scan->in_file, s->offset, s->filesz);
}

static int take_segment(struct core_scan *scan, const struct segment *s)
{
	const char *problem = core_table_problem(scan->header.word, s);
	int r = 0;

	if (problem)
		return bad(scan, problem);
	if (s->type == PT_NOTE && scan->note.type != PT_NOTE)
		scan->note = *s;
	if (s->type == PT_LOAD)
		r = take_load(scan, s);
	return r == 0 && scan->take ? scan->take(scan->context, s) : r;
}

static int step_segment(struct core_scan *scan)
{
	struct segment s;
	bool whole = elf_segment_read(scan->header.word, part(scan), 0, &s);
	const char *problem = whole ? NULL : "program headers beyond the end";
	int r;

	if (!problem && scan->step == STEP_FIRST)
		problem = core_table_count(&scan->header, &s, &scan->count);
	if (problem)
		return bad(scan, problem);
	if (table_end(scan) > CORE_HEADER_MAX)
		return too_large(scan);
	r = take_segment(scan, &s);
	want_segment(scan, STEP_SEGMENT);
	return r == 0 && ++scan->seen == scan->count ? finish(scan) : r;
}

static int advance(struct core_scan *scan)
{
	static int (*const steps[])(struct core_scan *) = {
		[STEP_IDENT] = step_ident,
		[STEP_HEADER] = step_header,
		[STEP_FIRST] = step_segment,
		[STEP_SEGMENT] = step_segment,
	};

	return steps[scan->step](scan);
}

/* At most n bytes. Return: how many were taken. */
static size_t take_bytes(struct core_scan *scan, const uint8_t *p, size_t n)
{
	size_t used = scan->skip < n ? (size_t)scan->skip : n, now;

	scan->skip -= used;
	now = scan->want - scan->have < n - used ? scan->want - scan->have : n - used;
	if (p && now > 0)
		memcpy(scan->part + scan->have, p + used, now);
	else
		memset(scan->part + scan->have, 0, now);
	scan->have += now;
	scan->position += used + now;
	return used + now;
}

int core_scan_feed(struct core_scan *scan, const uint8_t *p, size_t n)
{
	if (scan->problem)
		return -EBADMSG;
	while (scan->step != STEP_DONE) {
		size_t used = take_bytes(scan, p, n);
		int r;

		p = p ? p + used : NULL;
		n -= used;
		if (scan->skip > 0 || scan->have < scan->want)
			return 0;
		r = advance(scan);
		if (r < 0)
			return r;
	}
	return 1;
}
