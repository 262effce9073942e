/* SPDX-License-Identifier: MIT */
/*
 * What the mappings of a process refer to, out of the text of /proc/PID/maps (fs/proc/task_mmu.c,
 * show_map_vma): whose use of it ends only with the address space. No I/O.
 */
#pragma once

#include "filter/bytes.h"

enum mapping_kind {
	MAPPING_FILE, /* or memory without a file: memfd, /dev/shm, /dev/zero */
	MAPPING_SYSV, /* ipc/shm.c: a segment of System V */
	MAPPING_DEVICE, /* of /dev, /sys or /proc, and buffers of graphics drivers */
	MAPPING_SOCKET, /* packet(7) */
	MAPPING_AIO, /* fs/aio.c: the ring of io_setup(2) */
	MAPPING_IO_URING,
	MAPPING_ANON_INODE, /* another: perf events, KVM */
	MAPPING_UNKNOWN, /* a name that no kernel known here gives */
	MAPPING_KINDS,
};

struct capture_mapping {
	uint64_t start, end; /* UNKNOWN: 0, if the line could not be read */
	uint64_t offset; /* in what it maps */
	uint32_t major,
		minor; /* of the file system, as locks in /proc/PID/fdinfo have it */
	uint64_t inode;
	bool shared;
	enum mapping_kind kind;
};

/*
 * The next mapping of something, from *at on, which moves behind it: private memory without a file is
 * passed over. Return: false at the end.
 */
bool capture_mapping_next(struct bytes text, size_t *at, struct capture_mapping *ret);
