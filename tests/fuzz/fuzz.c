/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sanitizer/allocator_interface.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/table.h"

/*
 * What reading one hostile input may cost. Processor time, not the clock's: a machine under load
 * must not look like a slow reader. A wait without an end is what -timeout of tests/fuzz/run is for.
 */
#define MOST_MS	   1000
#define MOST_BYTES (64u << 20)

static size_t allocated, peak;

static void count(const volatile void *p, size_t n)
{
	size_t now = __atomic_add_fetch(&allocated, n, __ATOMIC_RELAXED);

	(void)p;
	if (now > __atomic_load_n(&peak, __ATOMIC_RELAXED))
		__atomic_store_n(&peak, now, __ATOMIC_RELAXED);
}

static void uncount(const volatile void *p)
{
	if (p)
		__atomic_sub_fetch(&allocated,
				   __sanitizer_get_allocated_size((const void *)p),
				   __ATOMIC_RELAXED);
}

static uint64_t cpu_ms(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	assert_int_not_equal(__sanitizer_install_malloc_and_free_hooks(count, uncount),
			     0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint64_t start = cpu_ms();
	size_t before = __atomic_load_n(&allocated, __ATOMIC_RELAXED);

	__atomic_store_n(&peak, before, __ATOMIC_RELAXED);
	fuzz_one((struct input){ p, n });
	if (peak - before > MOST_BYTES) {
		fprintf(stderr, "fuzz: %zu bytes of memory for one input\n",
			peak - before);
		abort();
	}
	if (cpu_ms() - start > MOST_MS) {
		fprintf(stderr, "fuzz: %llu ms for one input\n",
			(unsigned long long)(cpu_ms() - start));
		abort();
	}
	return 0;
}

uint64_t input_number(struct input *in, size_t width)
{
	struct input part = input_part(in, width);
	uint64_t value = 0;

	for (size_t i = 0; i < part.n; i++)
		value |= (uint64_t)part.p[i] << 8 * i;
	return value;
}

struct input input_part(struct input *in, size_t n)
{
	struct input part = { in->p, n < in->n ? n : in->n };

	in->p += part.n;
	in->n -= part.n;
	return part;
}

char *input_text(struct input *in)
{
	const uint8_t *end = in->n ? memchr(in->p, '\0', in->n) : NULL;
	struct input part = input_part(in, end ? (size_t)(end - in->p) : in->n);
	char *text = malloc(part.n + 1);

	assert_non_null(text);
	if (part.n)
		memcpy(text, part.p, part.n);
	text[part.n] = '\0';
	(void)input_part(in, 1);
	return text;
}

uint8_t *input_copy(struct input in)
{
	uint8_t *p = malloc(in.n ? in.n : 1);

	assert_non_null(p);
	if (in.n)
		memcpy(p, in.p, in.n);
	return p;
}
