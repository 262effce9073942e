/* SPDX-License-Identifier: MIT */
/*
 * What all fuzz targets share. A target is a file fuzz_NAME.c with fuzz_one(); fuzz.c calls it for
 * every input of libFuzzer and ends the program when one input took more than its share of time
 * or memory. A promise that is broken ends it, too: assert_true() and its like of cmocka do.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left of an input. Behind its end there are zeros. */
struct input {
	const uint8_t *p;
	size_t n;
};

void fuzz_one(struct input in);

/* A little-endian number of `width` bytes (1 to 8). */
uint64_t input_number(struct input *in, size_t width);

/* At most n bytes. */
struct input input_part(struct input *in, size_t n);

/* The bytes up to the next NUL, malloced with a NUL. */
char *input_text(struct input *in);

/* A copy of exactly n bytes, so that reading beyond it is seen; malloced. */
uint8_t *input_copy(struct input in);
