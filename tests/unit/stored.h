/* SPDX-License-Identifier: MIT */
/*
 * What a stored file says when plain zstd reads it, and whether its seek table is true. Shares
 * no code with store/.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A file without a name, in TMPDIR. */
int stored_file(void);

/* The whole file, malloced. */
uint8_t *stored_bytes(int fd, size_t *ret_n);

/*
 * Fill the record's frame as the parent does, and extract all by ZSTD streaming. NULL if that
 * fails. Malloced.
 */
uint8_t *stored_extract(int fd, size_t *ret_n);

/* NULL if frames and seek table agree, else what is wrong. *ret_frames: entries in it. */
const char *stored_seek_problem(int fd, size_t *ret_frames);
