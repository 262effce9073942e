/* SPDX-License-Identifier: MIT */
/*
 * For the programs whose memory changes once they are let go: what they share.
 */
#pragma once

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (1ul << 20)
/* coredump_filter, core(5): all but hugetlb pages and DAX. */
#define ALL_MEMORY "0x1f\n"

/* A test that cannot do what it is for must not pass. */
#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			_exit(9); \
	} while (0)

/* Private memory whose words are their own addresses, so that it takes a while to be packed. */
static inline uintptr_t *private_memory(unsigned long mib)
{
	uintptr_t *words = mmap(NULL, mib * MIB + 1, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(words != MAP_FAILED);
	for (size_t i = 0; i < mib * MIB / sizeof(*words); i++)
		words[i] = (uintptr_t)&words[i];
	return words;
}

/* What the kernel gives by default is not all that can change. */
static inline void offer_all_memory(void)
{
	int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

	MUST(fd >= 0 && write(fd, ALL_MEMORY, sizeof(ALL_MEMORY) - 1) > 0);
	(void)close(fd);
}

static inline void crash(int number)
{
	*(volatile int *)16 = number;
}
