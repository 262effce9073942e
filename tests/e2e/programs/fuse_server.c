/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuse_server.h"

/* Of the kernel there are no larger ones: a header, arguments, a write. */
static uint8_t request[FUSE_SERVER_WRITE_MAX + 65536];

void fuse_server_open(const char *directory, uint32_t readahead, struct fuse_server *ret)
{
	char options[128];

	*ret = (struct fuse_server){ .readahead = readahead };
	ret->fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	(void)snprintf(options, sizeof(options),
		       "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", ret->fd);
	if (ret->fd < 0 ||
	    mount("test", directory, "fuse", MS_NOSUID | MS_NODEV, options)) {
		perror("fuse");
		_exit(9);
	}
}

void fuse_server_body(const struct fuse_server *server, void *ret, size_t n)
{
	memset(ret, 0, n);
	memcpy(ret, server->body, server->n < n ? server->n : n);
}

void fuse_server_answer(const struct fuse_server *server, int error, const void *p,
			size_t n)
{
	struct fuse_out_header header = {
		.len = (uint32_t)(sizeof(header) + (error ? 0 : n)),
		.error = error,
		.unique = server->header.unique,
	};
	struct iovec parts[] = { { &header, sizeof(header) },
				 { (void *)p, error ? 0 : n } };

	(void)!writev(server->fd, parts, 2); /* who asked may be gone */
}

static void answer_init(const struct fuse_server *server)
{
	struct fuse_init_in in;
	struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_readahead = server->readahead,
		.flags = FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_MAX_PAGES,
		.max_write = FUSE_SERVER_WRITE_MAX,
		.max_pages = FUSE_SERVER_WRITE_MAX / 4096,
		.time_gran = 1,
	};

	fuse_server_body(server, &in, sizeof(in));
	if (in.minor < out.minor)
		out.minor = in.minor;
	out.flags &= in.flags;
	fuse_server_answer(server, 0, &out, sizeof(out));
}

/* Return: whether there is a request for the file system itself. */
static int take(struct fuse_server *server)
{
	ssize_t n = read(server->fd, request, sizeof(request));

	if (n < 0 && errno == ENODEV)
		_exit(0);
	if (n < (ssize_t)sizeof(server->header))
		return 0; /* interrupted, or who asked is gone */
	memcpy(&server->header, request, sizeof(server->header));
	server->body = request + sizeof(server->header);
	server->n = (size_t)n - sizeof(server->header);
	switch (server->header.opcode) {
	case FUSE_INIT:
		answer_init(server);
		return 0;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return 0;
	}
	return 1;
}

void fuse_server_next(struct fuse_server *server)
{
	while (!take(server))
		;
}
