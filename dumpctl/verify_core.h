/* SPDX-License-Identifier: MIT */
/*
 * A core as it comes out of a stored dump, looked at without keeping it: is it an ELF core whose
 * headers name just what is there?
 */
#pragma once

#include "filter/core_scan.h"

struct verify_core {
	struct core_scan scan;
	uint64_t size; /* bytes that came */
	bool headed; /* the program headers are all here */
};

void verify_core_open(struct verify_core *verify);
void verify_core_close(struct verify_core *verify);

/* As a dump_sink: the next n bytes, p NULL is zeros. Return: 0 or -ENOMEM. */
int verify_core_take(void *verify, const uint8_t *p, size_t n);

/* After the last byte. Return: NULL, or what is wrong (static text). */
const char *verify_core_end(struct verify_core *verify);
