/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "dumpctl/verify_core.h"

void verify_core_open(struct verify_core *verify)
{
	*verify = (struct verify_core){ .size = 0 };
	core_scan_init(&verify->scan, NULL, NULL);
}

void verify_core_close(struct verify_core *verify)
{
	core_scan_done(&verify->scan);
}

int verify_core_take(void *context, const uint8_t *p, size_t n)
{
	struct verify_core *verify = context;
	int r;

	verify->size += n;
	if (verify->headed || verify->scan.problem)
		return 0;
	r = core_scan_feed(&verify->scan, p, n);
	if (r == -ENOMEM)
		return r;
	verify->headed = r > 0;
	return 0;
}

/* Notes in front of memory are headers, and must be there. */
static bool notes_end(const struct verify_core *verify)
{
	const struct segment *note = &verify->scan.note;

	return !core_scan_notes_early(&verify->scan) ||
	       note->offset + note->filesz <= verify->size;
}

const char *verify_core_end(struct verify_core *verify)
{
	if (verify->scan.problem)
		return verify->scan.problem;
	if (!verify->headed || !notes_end(verify))
		return "the core ends in its headers";
	/* that no two segments name the same bytes core_scan.c has seen to */
	if (verify->scan.data_end > verify->size)
		return "a program header names memory behind the core's end";
	return NULL;
}
