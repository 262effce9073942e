/* SPDX-License-Identifier: MIT */
/*
 * The kernel's side of a file system that a test program is: include/uapi/linux/fuse.h, without
 * libfuse, because a test has to leave a question without an answer.
 */
#pragma once

#include <linux/fuse.h>
#include <stddef.h>
#include <stdint.h>

/* A write, with its header, and room to spare. */
#define FUSE_SERVER_WRITE_MAX (1u << 20)

struct fuse_server {
	int fd;
	uint32_t readahead; /* bytes; 0: pages are read one by one */
	struct fuse_in_header header; /* of the request */
	const uint8_t *body; /* what is behind it */
	size_t n;
};

/* Mount it, for everybody. Root's. Exits with 9 where that cannot be done. */
void fuse_server_open(const char *directory, uint32_t readahead, struct fuse_server *ret);
/* Wait for a request that wants an answer. Exits with 0 where the file system is unmounted. */
void fuse_server_next(struct fuse_server *server);
/* error: 0 or negative errno, then p is ignored. */
void fuse_server_answer(const struct fuse_server *server, int error, const void *p,
			size_t n);
/* The first bytes of the body; a shorter one ends with zeros. */
void fuse_server_body(const struct fuse_server *server, void *ret, size_t n);
