/* SPDX-License-Identifier: MIT */
/*
 * A stored dump opened by its name and extracted: what came out, and with which answer.
 */
#pragma once

#include <fcntl.h>
#include <string.h>

#include "tests/unit/table.h"

#include "store/dump.h"

#define EXTRACTED_MAX (1 << 20)

struct extracted {
	size_t n;
	size_t holes;
	int stop; /* what the sink returns */
	uint8_t bytes[EXTRACTED_MAX];
};

static inline int extracted_sink(void *context, const uint8_t *p, size_t n)
{
	struct extracted *out = context;

	assert_true(n > 0);
	if (out->n + n <= EXTRACTED_MAX && p)
		memcpy(out->bytes + out->n, p, n);
	if (out->n + n <= EXTRACTED_MAX && !p)
		memset(out->bytes + out->n, 0, n);
	if (!p) {
		assert_int_equal(n % 4096, 0);
		out->holes += n;
	}
	out->n += n;
	return out->stop;
}

/* Nothing yet. There is one in a program. */
static inline struct extracted *extracted_empty(void)
{
	static struct extracted out;

	memset(&out, 0, offsetof(struct extracted, bytes));
	return &out;
}

/* Open and extract; *ret_reason is set if both say so. */
static inline int extracted_read(const char *directory, const char *name,
				 struct extracted *out, const char **ret_reason)
{
	_cleanup_fd_ int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dump_ struct dump *dump = NULL;
	int r = dump_open(fd, name, &dump);

	*ret_reason = "not opened";
	if (r < 0)
		return r;
	*ret_reason = NULL;
	r = dump_extract(dump, extracted_sink, out, ret_reason);
	assert_true((int64_t)out->n <= dump_record(dump)->size_dump || out->n == 0);
	return r;
}
