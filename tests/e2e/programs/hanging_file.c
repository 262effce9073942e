/* SPDX-License-Identifier: MIT */
/*
 * hanging_file DIRECTORY MIB READAHEAD [GATE]: a file system with one file, "file". Its words are the
 * complement of their offsets. Whoever reads of the second half waits until there is a file GATE; without one for
 * as long as this runs.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuse_server.h"

#define FILE_ID 2u

/* Seconds that the kernel may believe what it was told. */
#define VALID 3600

static uint64_t size;
static const char *gate;

/* Who waits for it: a reader ahead each, and its neighbours. */
#define WAITING_MAX 256u

struct waiting {
	struct fuse_server server; /* with the request's header */
	uint64_t offset;
	uint32_t n;
};

static struct waiting waiting[WAITING_MAX];
static size_t waiting_count;

static struct fuse_attr attr_of(uint64_t id)
{
	struct fuse_attr attr = {
		.ino = id, .nlink = 1, .blksize = 4096, .mode = 040755
	};

	if (id == FILE_ID) {
		attr.mode = 0100644;
		attr.size = size;
	}
	return attr;
}

static void look_up(const struct fuse_server *server)
{
	struct fuse_entry_out out = { FILE_ID, 0, VALID, VALID, 0, 0, attr_of(FILE_ID) };
	char name[5];

	fuse_server_body(server, name, sizeof(name));
	fuse_server_answer(server, memcmp(name, "file", 5) == 0 ? 0 : -ENOENT, &out,
			   sizeof(out));
}

static void get_attr(const struct fuse_server *server)
{
	struct fuse_attr_out out = { VALID, 0, 0, attr_of(server->header.nodeid) };

	fuse_server_answer(server, 0, &out, sizeof(out));
}

static void open_it(const struct fuse_server *server)
{
	struct fuse_open_out out = { .open_flags = FOPEN_KEEP_CACHE };

	fuse_server_answer(server, 0, &out, sizeof(out));
}

static void give(const struct fuse_server *server, uint64_t offset, uint32_t n)
{
	static uint64_t words[FUSE_SERVER_WRITE_MAX / sizeof(uint64_t)];

	if (n > sizeof(words))
		_exit(9);
	for (size_t i = 0; i < n / sizeof(uint64_t); i++)
		words[i] = ~(offset + i * sizeof(uint64_t));
	fuse_server_answer(server, 0, words, n);
}

/* Others are answered meanwhile: who ends flushes the file. */
static void read_it(const struct fuse_server *server)
{
	struct fuse_read_in in;

	fuse_server_body(server, &in, sizeof(in));
	if (in.offset + in.size <= size / 2) {
		give(server, in.offset, in.size);
		return;
	}
	if (waiting_count == WAITING_MAX)
		_exit(9);
	waiting[waiting_count++] = (struct waiting){ *server, in.offset, in.size };
}

/* Until there is a request. */
static void wait_for_one(const struct fuse_server *server)
{
	struct pollfd fd = { .fd = server->fd, .events = POLLIN };

	while (gate && poll(&fd, 1, 1) == 0) {
		if (access(gate, F_OK) < 0)
			continue;
		for (size_t i = 0; i < waiting_count; i++)
			give(&waiting[i].server, waiting[i].offset, waiting[i].n);
		waiting_count = 0;
	}
}

int main(int argc, char **argv)
{
	struct fuse_server server;

	if (argc != 4 && argc != 5)
		return 9;
	gate = argv[4]; /* NULL behind the last */
	size = strtoull(argv[2], NULL, 10) << 20;
	fuse_server_open(argv[1], (uint32_t)strtoul(argv[3], NULL, 10), &server);
	for (;;) {
		wait_for_one(&server);
		fuse_server_next(&server);
		switch (server.header.opcode) {
		case FUSE_LOOKUP:
			look_up(&server);
			break;
		case FUSE_GETATTR:
			get_attr(&server);
			break;
		case FUSE_OPEN:
			open_it(&server);
			break;
		case FUSE_READ:
			read_it(&server);
			break;
		case FUSE_RELEASE:
			fuse_server_answer(&server, 0, NULL, 0);
			break;
		default:
			fuse_server_answer(&server, -ENOSYS, NULL, 0);
		}
	}
}
