/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>

#include "base/io.h"
#include "handler/runtime.h"
#include "handler/slot_disk.h"

#define DISK_FILE "disk"

struct place {
	int64_t class, key;
};

static struct flock bytes_of(unsigned int i)
{
	return (struct flock){
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = (off_t)(i * sizeof(struct place)),
		.l_len = sizeof(struct place),
	};
}

static int take_place(int fd, unsigned int i, const struct place *place)
{
	struct flock bytes = bytes_of(i);

	if (fcntl(fd, F_OFD_SETLK, &bytes) < 0)
		return -errno;
	return io_pwrite_full(fd, place, sizeof(*place), (uint64_t)bytes.l_start);
}

int slot_disk_enter(int runtime_fd, enum slot_class class, int64_t key)
{
	const struct place place = { (int64_t) class, key };
	_cleanup_fd_ int fd = runtime_file(runtime_fd, DISK_FILE);
	int r = fd < 0 ? fd : -EAGAIN;

	for (unsigned int i = 0; i < SLOT_DISK_PLACES && r == -EAGAIN; i++)
		r = take_place(fd, i, &place);
	return r < 0 ? r : TAKE_FD(fd);
}

static bool is_taken(int fd, unsigned int i)
{
	struct flock bytes = bytes_of(i);

	return fcntl(fd, F_OFD_GETLK, &bytes) == 0 && bytes.l_type != F_UNLCK;
}

unsigned int slot_disk_count(int runtime_fd, enum slot_class class, int64_t key)
{
	_cleanup_fd_ int fd = openat(runtime_fd, DISK_FILE,
				     O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct place places[SLOT_DISK_PLACES];
	unsigned int count = 0;
	ssize_t n = fd < 0 ? -1 : io_pread_full(fd, places, sizeof(places), 0);

	for (unsigned int i = 0; n > 0 && i < (size_t)n / sizeof(places[0]); i++)
		count += places[i].key == key && places[i].class == (int64_t) class &&
			 is_taken(fd, i);
	return count;
}
