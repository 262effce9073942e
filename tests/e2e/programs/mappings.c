/* SPDX-License-Identifier: MIT */
/*
 * mappings N: N mappings of one page, kept apart by their protection, every tenth of them
 * touched. More than 65,534 do not fit e_phnum (PN_XNUM).
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

unsigned char *pages;
long page_count = 1;
volatile int never;

__attribute__((noinline, noclone)) static void crash_here(unsigned char *last)
{
	*(volatile int *)16 = *last;
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 100;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	pages = mmap(NULL, (size_t)n * page, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		return 9;
	for (long i = 1; i < n; i += 2)
		if (mprotect(pages + (size_t)i * page, page, PROT_READ) < 0)
			return 9;
	for (long i = 0; i < n; i += 10)
		pages[(size_t)i * page] = (unsigned char)(i / 10 % 250 + 1);
	page_count = n;
	crash_here(pages + (size_t)(n - 10) / 10 * 10 * page);
	never = 1;
	return 0;
}
