/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "handler/isolate_landlock.h"

/*
 * include/uapi/linux/landlock.h of Linux 6.12; Debian 12 has the headers of 6.1. A kernel takes
 * what it does not know as long as it is 0.
 */
struct ruleset {
	// cppcheck-suppress unusedStructMember; the kernel reads them
	uint64_t fs, net, scoped;
};

#define RULESET_VERSION 1u

/* Files of any kind: 13 rights, REFER, TRUNCATE, IOCTL_DEV. */
#define FS_1 0x1fffu
#define FS_2 0x3fffu
#define FS_3 0x7fffu
#define FS_5 0xffffu
/* TCP: bind, connect. */
#define NET_4 0x3u
/* What is outside: abstract sockets, signals. */
#define SCOPED_6 0x3u

/* What the versions of the interface know, and with no rule for any of it: refuse. */
static const struct ruleset versions[] = {
	{ FS_1, 0, 0 },	    { FS_2, 0, 0 },	{ FS_3, 0, 0 },
	{ FS_3, NET_4, 0 }, { FS_5, NET_4, 0 }, { FS_5, NET_4, SCOPED_6 },
};

int isolate_landlock(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, RULESET_VERSION);
	const struct ruleset *all;
	_cleanup_fd_ int fd = -1;

	if (version < 1)
		return version < 0 ? -errno : -EOPNOTSUPP;
	if ((size_t)version > ARRAY_SIZE(versions))
		version = ARRAY_SIZE(versions);
	all = &versions[version - 1];
	fd = (int)syscall(SYS_landlock_create_ruleset, all, sizeof(*all), 0);
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		return -errno;
	return 0;
}
