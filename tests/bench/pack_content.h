/* SPDX-License-Identifier: MIT */
/*
 * Memory to pack: of one kind, always the same bytes; and a real program's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PACK_CONTENTS 5

struct pack_content {
	const char *name;
	/* n: a multiple of 8. NULL: a hole, which has no bytes. */
	void (*fill)(uint8_t *p, size_t n);
};

extern const struct pack_content pack_contents[PACK_CONTENTS];

/*
 * What a python3, started for it, may write, of mappings that fit into max bytes. Return: bytes,
 * or negative errno; -ESRCH: there is no python3.
 */
ssize_t pack_content_python(uint8_t *bytes, size_t max);
