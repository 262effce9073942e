/* SPDX-License-Identifier: MIT */
/*
 * slow_store DIRECTORY BACKING RATE GATE: a file system that shows the directory BACKING, for a store.
 * A write takes as long as one to a disk of RATE bytes in a second; none beyond the first 64 KiB ends
 * while the file GATE is there. Nothing is kept on this side of it: who writes waits. No fsync(2) ends
 * while there is a file GATE.fsync; all else goes on.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "fuse_server.h"

#define NODES	  1024u
#define GATE_FROM 65536u

struct store {
	struct fuse_server server;
	const char *gate;
	char sync_gate[4096];
	double rate;
	int nodes[NODES]; /* descriptors by number; FUSE_ROOT_ID: the directory */
	size_t count;
};

static int backing(const struct store *store)
{
	return store->nodes[FUSE_ROOT_ID];
}

static int node(const struct store *store)
{
	return store->nodes[store->server.header.nodeid];
}

static void answer(const struct store *store, int r, const void *p, size_t n)
{
	fuse_server_answer(&store->server, r < 0 ? -errno : 0, p, n);
}

static int get_attr(const struct store *store, uint64_t id, struct fuse_attr *ret)
{
	struct stat st;

	if (fstat(store->nodes[id], &st) < 0)
		return -1;
	*ret = (struct fuse_attr){
		.ino = st.st_ino,
		.size = (uint64_t)st.st_size,
		.blocks = (uint64_t)st.st_blocks,
		.mtime = (uint64_t)st.st_mtim.tv_sec,
		.mode = st.st_mode,
		.nlink = (uint32_t)st.st_nlink,
		.uid = st.st_uid,
		.gid = st.st_gid,
		.blksize = 4096,
	};
	return 0;
}

/* fd: of the new node, or negative with errno. file: it is opened, too. */
static void answer_node(struct store *store, int fd, int file)
{
	struct {
		struct fuse_entry_out entry;
		struct fuse_open_out file;
	} out = { .entry = { .nodeid = store->count } };

	if (fd >= 0 && store->count == NODES) {
		errno = ENFILE;
		fd = -1;
	}
	if (fd >= 0) {
		store->nodes[store->count++] = fd;
		fd = get_attr(store, out.entry.nodeid, &out.entry.attr);
	}
	answer(store, fd, &out, file ? sizeof(out) : sizeof(out.entry));
}

static void look_up(struct store *store)
{
	answer_node(store,
		    openat(backing(store), (const char *)store->server.body, O_RDWR), 0);
}

static void make_file(struct store *store)
{
	struct fuse_create_in in;
	const char *name = (const char *)store->server.body + sizeof(in);
	int fd;

	fuse_server_body(&store->server, &in, sizeof(in));
	if (store->server.header.opcode == FUSE_TMPFILE)
		fd = openat(backing(store), ".", O_TMPFILE | O_RDWR, in.mode);
	else
		fd = openat(backing(store), name, O_CREAT | O_EXCL | O_RDWR, in.mode);
	answer_node(store, fd, 1);
}

static void answer_attr(const struct store *store, int r)
{
	struct fuse_attr_out out = { 0 };

	if (r == 0)
		r = get_attr(store, store->server.header.nodeid, &out.attr);
	answer(store, r, &out, sizeof(out));
}

static void set_attr(const struct store *store)
{
	struct fuse_setattr_in in;
	int r = 0;

	fuse_server_body(&store->server, &in, sizeof(in));
	if (in.valid & FATTR_MODE)
		r = fchmod(node(store), in.mode & 07777);
	if (r == 0 && in.valid & FATTR_SIZE)
		r = ftruncate(node(store), (off_t)in.size);
	answer_attr(store, r);
}

static void open_node(const struct store *store)
{
	struct fuse_open_out out = { 0 };

	answer(store, 0, &out, sizeof(out));
}

static void read_node(const struct store *store)
{
	static char bytes[FUSE_SERVER_WRITE_MAX];
	struct fuse_read_in in;
	ssize_t n;

	fuse_server_body(&store->server, &in, sizeof(in));
	n = pread(node(store), bytes, in.size < sizeof(bytes) ? in.size : sizeof(bytes),
		  (off_t)in.offset);
	answer(store, n < 0 ? -1 : 0, bytes, n < 0 ? 0 : (size_t)n);
}

static void take_time(const struct store *store, uint64_t offset, uint32_t n)
{
	const double seconds = n / store->rate;
	const struct timespec time = {
		(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)
	};
	static const struct timespec moment = { 0, 2000000 };

	(void)nanosleep(&time, NULL);
	while (offset + n > GATE_FROM && access(store->gate, F_OK) == 0)
		(void)nanosleep(&moment, NULL);
}

static void write_node(const struct store *store)
{
	struct fuse_write_in in;
	struct fuse_write_out out = { 0 };
	ssize_t n;

	fuse_server_body(&store->server, &in, sizeof(in));
	take_time(store, in.offset, in.size);
	n = pwrite(node(store), store->server.body + sizeof(in), in.size,
		   (off_t)in.offset);
	out.size = n < 0 ? 0 : (uint32_t)n;
	answer(store, n < 0 ? -1 : 0, &out, sizeof(out));
}

/* It waits in a process of its own, as this one goes on to serve. */
static void sync_node(const struct store *store)
{
	static const struct timespec moment = { 0, 2000000 };
	bool waits = access(store->sync_gate, F_OK) == 0;

	if (waits && fork() != 0)
		return;
	while (access(store->sync_gate, F_OK) == 0)
		(void)nanosleep(&moment, NULL);
	answer(store, 0, NULL, 0);
	if (waits)
		_exit(0);
}

static void link_node(struct store *store)
{
	struct fuse_link_in in;
	char path[64];
	int r;

	fuse_server_body(&store->server, &in, sizeof(in));
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d",
		       store->nodes[in.oldnodeid]);
	r = linkat(AT_FDCWD, path, backing(store),
		   (const char *)store->server.body + sizeof(in), AT_SYMLINK_FOLLOW);
	answer_node(store, r < 0 ? -1 : dup(store->nodes[in.oldnodeid]), 0);
}

static void answer_space(const struct store *store)
{
	struct fuse_statfs_out out = { 0 };
	struct statvfs space;
	int r = fstatvfs(backing(store), &space);

	out.st.blocks = space.f_blocks;
	out.st.bfree = space.f_bfree;
	out.st.bavail = space.f_bavail;
	out.st.bsize = (uint32_t)space.f_bsize;
	out.st.frsize = (uint32_t)space.f_frsize;
	out.st.namelen = 255;
	answer(store, r, &out, sizeof(out));
}

static void act(struct store *store)
{
	switch (store->server.header.opcode) {
	case FUSE_LOOKUP:
		look_up(store);
		break;
	case FUSE_CREATE:
	case FUSE_TMPFILE:
		make_file(store);
		break;
	case FUSE_GETATTR:
		answer_attr(store, 0);
		break;
	case FUSE_SETATTR:
		set_attr(store);
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		open_node(store);
		break;
	case FUSE_READ:
		read_node(store);
		break;
	case FUSE_WRITE:
		write_node(store);
		break;
	case FUSE_FSYNC:
		sync_node(store);
		break;
	case FUSE_LINK:
		link_node(store);
		break;
	case FUSE_UNLINK:
		answer(store,
		       unlinkat(backing(store), (const char *)store->server.body, 0),
		       NULL, 0);
		break;
	case FUSE_STATFS:
		answer_space(store);
		break;
	case FUSE_READDIR: /* none asks who already knows the name */
	case FUSE_FLUSH:
	case FUSE_FSYNCDIR:
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
		answer(store, 0, NULL, 0);
		break;
	default:
		fuse_server_answer(&store->server, -ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	static struct store store;

	if (argc != 5)
		return 9;
	store.nodes[FUSE_ROOT_ID] = open(argv[2], O_RDONLY | O_DIRECTORY);
	store.count = FUSE_ROOT_ID + 1;
	store.rate = strtod(argv[3], NULL);
	store.gate = argv[4];
	(void)snprintf(store.sync_gate, sizeof(store.sync_gate), "%s.fsync", argv[4]);
	(void)signal(SIGCHLD, SIG_IGN);
	if (store.nodes[FUSE_ROOT_ID] < 0)
		return 9;
	fuse_server_open(argv[1], 131072, &store.server);
	for (;;) {
		fuse_server_next(&store.server);
		act(&store);
	}
}
