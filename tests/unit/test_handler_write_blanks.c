/* SPDX-License-Identifier: MIT */
/*
 * A plan with blanks carried out: zeros in their place, and every other byte as it was.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/stored.h"
#include "tests/unit/table.h"
#include "tests/unit/written.h"

/* Blanks of every size around the edges of what is copied at once: zeros, nothing else. */
static void test_blanks(void **state)
{
	const struct written_row *row = *state;
	struct blank blanks[200];
	struct source source;
	struct report report;
	struct written f;
	struct core core;
	struct notes notes;
	struct plan plan;
	size_t n, count = 0;
	uint64_t at;
	uint8_t *p;

	written_up(&f, row);
	assert_int_equal(source_open(written_stream(&f.file, f.file.n), &source), 0);
	assert_true(written_read_header(&source, &core));
	written_plan(&f, &core, &notes, &plan);
	for (at = core.data_start; at < core.size && count < ARRAY_SIZE(blanks);
	     at += 4093 * (count % 3 + 1))
		blanks[count++] = (struct blank){ at, count * 37 % 4000 + 1 };
	plan.blanks = blanks;
	plan.blank_count = count;
	for (size_t i = 0; i < count; i++) {
		uint64_t end = blanks[i].offset + blanks[i].size;

		if (end > f.file.n)
			end = f.file.n;
		memset(f.file.p + blanks[i].offset, 0, (size_t)(end - blanks[i].offset));
	}
	built_done(&f.expected);
	f.expected = built_output(&f.file, &plan); /* of a core with zeros there */
	f.fd = stored_file();
	report_init(&report);
	assert_int_equal(write_plan(&plan,
				    &(struct map_facts){ .core = &core, .notes = &notes },
				    &source, f.fd, &written_alone, &report),
			 0);
	p = stored_extract(f.fd, &n);
	assert_int_equal(n, f.expected.n);
	assert_memory_equal(p, f.expected.p, n);
	source_close(&source);
	free(p);
	close(f.fd);
	source_close(&source);
	plan.blanks = NULL;
	plan_done(&plan);
	notes_done(&notes);
	core_done(&core);
	written_done(&f);
}

int main(void)
{
	return RUN_TABLE(written_rows, test_blanks);
}
