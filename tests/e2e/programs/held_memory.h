/* SPDX-License-Identifier: MIT */
/*
 * The memory of a process that the kernel holds while its core is taken, read without changing it: no
 * page becomes present that was not. /proc/PID/maps, pagemap, mem and map_files, as proc(5) has them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HELD_PAGE 4096u

struct held_mapping {
	uint64_t start, end; /* addresses */
	uint64_t offset; /* in its file */
	bool file; /* of a file, whatever that is */
	bool nameless; /* and nobody can open that by its path: memfd, SysV, deleted */
	bool kernels; /* code of the kernel, of which pagemap shows nothing: vdso */
	bool skipped; /* the kernel's own data, which changes: vvar */
};

struct held_memory {
	pid_t pid;
	int memory, pagemap;
	struct held_mapping *mappings; /* by address */
	size_t count;
};

/* 0, or negative errno: the process is not to be read. */
int held_open(pid_t pid, struct held_memory *ret);
void held_close(struct held_memory *held);

/* What has been read, at most a MiB of it. Negative errno ends the walk. */
typedef int held_sink(void *to, uint64_t address, const void *bytes, size_t n);

/*
 * What is there from START to END, both in MAPPING: pages in memory or in swap, and with IN_FILE those
 * that only its file has. 0, or what the sink returned.
 */
int held_walk(const struct held_memory *held, const struct held_mapping *mapping,
	      uint64_t start, uint64_t end, bool in_file, held_sink *sink, void *to);
