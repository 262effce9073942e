/* SPDX-License-Identifier: MIT */
/*
 * jit [circle]: has three object files in gdb's JIT interface, as a compiler of its own code has, and crashes. They are
 * its own file, each on the heap. circle: the list has no end.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

struct jit_code_entry {
	struct jit_code_entry *next_entry, *prev_entry;
	const char *symfile_addr;
	uint64_t symfile_size;
};

struct jit_descriptor {
	uint32_t version, action_flag;
	struct jit_code_entry *relevant_entry, *first_entry;
};

struct jit_descriptor __jit_debug_descriptor = { 1, 0, NULL, NULL };

static void add_file(size_t size)
{
	struct jit_code_entry *entry = calloc(1, sizeof(*entry));
	char *file = malloc(1 << 20);
	int fd = open("/proc/self/exe", O_RDONLY);

	if (!entry || !file || fd < 0)
		exit(9);
	entry->symfile_addr = file;
	entry->symfile_size = (uint64_t)read(fd, file, size);
	entry->next_entry = __jit_debug_descriptor.first_entry;
	if (entry->next_entry)
		entry->next_entry->prev_entry = entry;
	__jit_debug_descriptor.first_entry = entry;
	close(fd);
}

int main(int argc, char **argv)
{
	(void)argv;
	for (int i = 0; i < 3; i++)
		add_file(1 << 20);
	if (argc > 1)
		__jit_debug_descriptor.first_entry->next_entry->next_entry->next_entry =
			__jit_debug_descriptor.first_entry;
	return *(volatile int *)8;
}
