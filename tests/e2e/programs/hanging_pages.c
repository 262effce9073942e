/* SPDX-License-Identifier: MIT */
/*
 * hanging_pages FILE: 64 pages of a file of tests/e2e/programs/hanging_file.c, mapped privately; the first one is changed,
 * and nobody ever gets the others. What points to them is on the stack, so that type mini asks for them. Then SIGABRT.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE  4096
#define PAGES 64
#define HALF  (512 << 10) /* what is answered of a file of a MiB */

int main(int argc, char **argv)
{
	char *volatile pointers[PAGES];
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	char *p = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE,
		       fd, HALF - PAGE);

	if (p == MAP_FAILED)
		return 9;
	p[10] = 1;
	for (int i = 0; i < PAGES; i++)
		pointers[i] = p + i * PAGE;
	abort();
	return pointers[0] != NULL;
}
