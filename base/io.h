/* SPDX-License-Identifier: MIT */
/*
 * Whole reads and writes. EINTR and short transfers are handled here and nowhere else.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/cleanup.h"

/* Read until n bytes or end of file. Return: bytes read, or negative errno. */
ssize_t io_read_full(int fd, void *buf, size_t n) _must_check_;

/* One read at an offset, without moving the file position. Return: bytes read, or negative errno. */
ssize_t io_pread(int fd, void *buf, size_t n, uint64_t offset) _must_check_;

/* The same until n bytes or end of file. */
ssize_t io_pread_full(int fd, void *buf, size_t n, uint64_t offset) _must_check_;

/* Write all n bytes. Return: 0 or negative errno. */
int io_write_full(int fd, const void *buf, size_t n) _must_check_;
int io_pwrite_full(int fd, const void *buf, size_t n, uint64_t offset) _must_check_;

/*
 * Read a file below dirfd (O_NOFOLLOW, O_NONBLOCK, O_CLOEXEC) into a new buffer that
 * is one byte longer than *ret_n and ends in a NUL. At most cap bytes are read; what is
 * beyond is left out without an error, for /proc files grow at the crashed program's will.
 * Return: 0 or negative errno.
 */
int io_read_file(int dirfd, const char *name, size_t cap, char **ret,
		 size_t *ret_n) _must_check_;

/*
 * Close a stream of open_memstream(text, ...), which tells what printing to it did not. Return:
 * *text, which the caller owns, or NULL without memory.
 */
char *io_close_text(FILE *out, char **text) _must_check_;
