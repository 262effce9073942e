/* SPDX-License-Identifier: MIT */
/*
 * 16 MiB that no compressor makes smaller, in mappings of 1 MiB below the stack, which has text
 * to be found again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PART  (1u << 20)
#define PARTS 16

volatile char *parts[PARTS];

__attribute__((noinline, noclone)) static int crash_here(int depth)
{
	volatile char text[32] = "deep in the stack";

	if (depth > 0)
		return crash_here(depth - 1) + text[0];
	*(volatile int *)16 = text[1];
	return 0;
}

int main(void)
{
	uint64_t x = 88172645463325252u;

	for (int i = 0; i < PARTS; i++) {
		/* a page between them, or they would be one */
		char *p = mmap(NULL, PART + 4096, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED || munmap(p + PART, 4096) < 0)
			return 9;
		for (uint32_t at = 0; at < PART; at += 8) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			*(uint64_t *)(void *)(p + at) = x;
		}
		parts[i] = p;
	}
	return crash_here(5);
}
