/* SPDX-License-Identifier: MIT */
/*
 * pattern MIB: so much memory whose words are their own addresses, every other MiB of as much
 * address space, and a word of it pinned by a second thread; then SIGABRT.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (1ul << 20)

unsigned long *pattern, pattern_mib;

static void *second_thread(void *argument)
{
	for (;;)
		(void)pause();
	return argument;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 2 || pthread_create(&thread, NULL, second_thread, NULL))
		return 9;
	pattern_mib = strtoul(argv[1], NULL, 10);
	pattern = mmap(NULL, 2 * pattern_mib * MIB, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pattern == MAP_FAILED)
		return 9;
	(void)madvise(pattern, 2 * pattern_mib * MIB, MADV_NOHUGEPAGE);
	for (unsigned long i = 0; i < pattern_mib; i++) {
		unsigned long *at = pattern + 2 * i * MIB / sizeof(*at);

		for (unsigned long j = 0; j < MIB / sizeof(*at); j++)
			at[j] = (unsigned long)(at + j);
	}
	abort();
}
