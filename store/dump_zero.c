/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "store/dump_zero.h"

/* Whole frames, a shorter last one, and the same at another level. */
#define KNOWN_MAX 4

/* Read at once: zeros come in rows, 3 GiB of them are in this. */
#define AHEAD (128 * 1024)

struct known {
	uint32_t compressed, size; /* size 0: none */
	uint8_t bytes[DUMP_ZERO_MAX];
};

struct dump_zero {
	int fd;
	struct known known[KNOWN_MAX];
	size_t next; /* which is forgotten */
	uint64_t offset; /* of ahead[0] in the file */
	size_t n;
	uint8_t ahead[AHEAD];
};

struct dump_zero *dump_zero_new(int fd)
{
	struct dump_zero *zero = calloc(1, sizeof(*zero));

	if (zero)
		zero->fd = fd;
	return zero;
}

void dump_zero_free(struct dump_zero *zero)
{
	free(zero);
}

/* What the file has there, NULL if it cannot be read. */
static const uint8_t *look(struct dump_zero *zero, const struct seek_frame *frame)
{
	bool have = frame->offset >= zero->offset &&
		    frame->offset - zero->offset <= zero->n &&
		    zero->n - (frame->offset - zero->offset) >= frame->compressed;

	if (!have) {
		ssize_t n = io_pread_full(zero->fd, zero->ahead, sizeof(zero->ahead),
					  frame->offset);

		zero->offset = frame->offset;
		zero->n = n < 0 ? 0 : (size_t)n;
		if (zero->n < frame->compressed)
			return NULL;
	}
	return zero->ahead + (size_t)(frame->offset - zero->offset);
}

bool dump_zero_known(struct dump_zero *zero, const struct seek_frame *frame)
{
	for (size_t i = 0; i < KNOWN_MAX; i++) {
		const struct known *known = &zero->known[i];
		const uint8_t *p;

		if (known->size == 0 || known->size != frame->size ||
		    known->compressed != frame->compressed)
			continue;
		p = look(zero, frame);
		if (p && memcmp(p, known->bytes, frame->compressed) == 0)
			return true;
	}
	return false;
}

void dump_zero_learn(struct dump_zero *zero, const struct seek_frame *frame,
		     const uint8_t *p)
{
	struct known *known = &zero->known[zero->next];

	/* Several of the same were on their way before the first was learned. */
	if (frame->compressed > DUMP_ZERO_MAX || dump_zero_known(zero, frame))
		return;
	known->compressed = frame->compressed;
	known->size = frame->size;
	memcpy(known->bytes, p, frame->compressed);
	zero->next = (zero->next + 1) % KNOWN_MAX;
}
