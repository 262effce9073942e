/* SPDX-License-Identifier: MIT */
/*
 * noise MIB [WORDS]: so much memory that no compressor makes smaller, and then SIGABRT. With WORDS only so
 * many of each page are not zero.
 */
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE_WORDS 512ul

int main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) << 20 : 0;
	unsigned long *p =
		mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	size_t words = argc > 2 ? strtoul(argv[2], NULL, 10) : PAGE_WORDS;

	if (p == MAP_FAILED)
		return 9;
	for (size_t i = 0; i < n / sizeof(*p); i++) { /* splitmix64 */
		unsigned long word = (i + 1) * 0x9e3779b97f4a7c15ul;

		word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9ul;
		word = (word ^ word >> 27) * 0x94d049bb133111ebul;
		p[i] = i % PAGE_WORDS < words ? word ^ word >> 31 : 0;
	}
	abort();
}
