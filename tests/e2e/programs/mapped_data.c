/* SPDX-License-Identifier: MIT */
/*
 * mapped_data FILE: what FILE has is mapped and read, and the program aborts. mapped_data FILE COMMAND: with the file
 * mapped and written, it runs COMMAND, writes anew when that is done, and ends. mapped_data FILE COMMAND again: it
 * maps what FILE is after COMMAND, too, and aborts.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

char *volatile mapped, *volatile again;
volatile int sum;

static char *map(const char *path, int flags, int protection)
{
	int fd = open(path, flags);
	char *p = fd < 0 ? MAP_FAILED : mmap(NULL, 8192, protection, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED) {
		perror(path);
		exit(9);
	}
	return p;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 9;
	if (argc != 3)
		mapped = map(argv[1], O_RDONLY, PROT_READ);
	if (argc == 4) {
		if (system(argv[2]) != 0)
			return 9;
		again = map(argv[1], O_RDONLY, PROT_READ);
	}
	if (argc != 3) {
		sum = mapped[0];
		abort();
	}
	mapped = map(argv[1], O_RDWR, PROT_READ | PROT_WRITE);
	strcpy(mapped, "what was mapped");
	if (system(argv[2]) != 0)
		return 9;
	strcpy(mapped, "written after the crash");
	return 0;
}
