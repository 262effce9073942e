/* SPDX-License-Identifier: MIT */
/*
 * Where a dump's sink writes to: memory, in which holes are whole pages, that is full at some point.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct disk {
	uint8_t *bytes;
	size_t n, room, holes;
	size_t stop_at; /* bytes after which it is full */
};

/* A dump_sink; context: the disk. Return: 0 or -ENOSPC. */
int disk_write(void *context, const uint8_t *p, size_t n);
