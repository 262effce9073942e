/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "dumpctl/verify_core.h"

void verify_core_open(struct verify_core *verify)
{
	*verify = (struct verify_core){ .size = 0 };
	core_init(&verify->core);
	verify->core.skip_notes = true; /* they are hundreds of MiB of a giant */
}

void verify_core_close(struct verify_core *verify)
{
	core_done(&verify->core);
}

static int feed(struct verify_core *verify, const uint8_t *p, size_t n)
{
	size_t used;
	int r = core_feed(&verify->core, p, n, &used);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		verify->problem = verify->core.problem;
	verify->headed = r > 0;
	return 0;
}

/* Program headers of type PT_NULL may be all zeros. */
static int feed_zeros(struct verify_core *verify, size_t n)
{
	static const uint8_t zeros[4096];
	int r = 0;

	while (n > 0 && r == 0 && !verify->headed && !verify->problem) {
		size_t now = n < sizeof(zeros) ? n : sizeof(zeros);

		r = feed(verify, zeros, now);
		n -= now;
	}
	return r;
}

int verify_core_take(void *context, const uint8_t *p, size_t n)
{
	struct verify_core *verify = context;

	verify->size += n;
	if (verify->headed || verify->problem)
		return 0;
	return p ? feed(verify, p, n) : feed_zeros(verify, n);
}

/* Notes in front of memory are headers, and must be there. */
static bool notes_end(const struct verify_core *verify)
{
	const struct core *core = &verify->core;
	uint64_t offset, size;

	if (!core->note_segment || core->notes_late)
		return true;
	core_late_notes(core, &offset, &size);
	/* does not wrap: filter/core.c has looked */
	return size == 0 || offset + size <= verify->size;
}

/* Memory lies in the file; that no two segments name the same bytes filter/core.c has seen to. */
static const char *check_segments(const struct verify_core *verify)
{
	const struct core *core = &verify->core;
	uint64_t end;

	for (size_t i = 0; i < core->count; i++) {
		const struct segment *s = &core->segments[i];

		if (s->type != PT_LOAD || s->filesz == 0)
			continue;
		if (__builtin_add_overflow(s->offset, s->filesz, &end) ||
		    end > verify->size)
			return "a program header names memory behind the core's end";
		if (s->memsz < s->filesz)
			return "a program header has more in the file than in memory";
	}
	return NULL;
}

const char *verify_core_end(struct verify_core *verify)
{
	if (verify->problem)
		return verify->problem;
	if (!verify->headed || !notes_end(verify))
		return "the core ends in its headers";
	return check_segments(verify);
}
