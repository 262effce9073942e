/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/io.h"
#include "dumpctl/sysctl.h"

static const struct {
	const char *name;
	const char *file;
} sysctls[SYSCTL_COUNT] = {
	[SYSCTL_CORE_PATTERN] = { "kernel.core_pattern",
				  "/proc/sys/kernel/core_pattern" },
	[SYSCTL_CORE_PIPE_LIMIT] = { "kernel.core_pipe_limit",
				     "/proc/sys/kernel/core_pipe_limit" },
	[SYSCTL_SUID_DUMPABLE] = { "fs.suid_dumpable", "/proc/sys/fs/suid_dumpable" },
};

const char *sysctl_name(enum sysctl which)
{
	return sysctls[which].name;
}

int sysctl_read(enum sysctl which, char ret[SYSCTL_VALUE_MAX])
{
	_cleanup_fd_ int fd = open(sysctls[which].file, O_RDONLY | O_CLOEXEC);
	char buf[SYSCTL_VALUE_MAX + 1];
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = io_read_full(fd, buf, sizeof(buf));
	if (n < 0)
		return (int)n;
	if (n > 0 && buf[n - 1] == '\n')
		n--;
	if (n >= SYSCTL_VALUE_MAX)
		return -E2BIG;
	memcpy(ret, buf, (size_t)n);
	ret[n] = '\0';
	return 0;
}

int sysctl_write(enum sysctl which, const char *value)
{
	_cleanup_fd_ int fd = open(sysctls[which].file, O_WRONLY | O_CLOEXEC);
	char line[SYSCTL_VALUE_MAX + 2];
	int n;

	if (fd < 0)
		return -errno;
	/* The newline lets an empty value through too: a write of no bytes changes nothing. */
	n = snprintf(line, sizeof(line), "%s\n", value);
	if (n < 0 || (size_t)n >= sizeof(line))
		return -E2BIG;
	return io_write_full(fd, line, (size_t)n);
}

int sysctl_writable(enum sysctl which)
{
	_cleanup_fd_ int fd = open(sysctls[which].file, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

int sysctl_read_all(struct sysctl_values *ret, enum sysctl *ret_which)
{
	struct sysctl_values values = { 0 };

	for (enum sysctl i = 0; i < SYSCTL_COUNT; i++) {
		int r = sysctl_read(i, values.value[i]);

		if (r < 0) {
			*ret_which = i;
			return r;
		}
	}
	*ret = values;
	return 0;
}

int sysctl_write_all(const struct sysctl_values *values, enum sysctl *ret_which)
{
	char now[SYSCTL_VALUE_MAX];

	for (enum sysctl i = 0; i < SYSCTL_COUNT; i++) {
		int r = sysctl_write(i, values->value[i]);

		if (r == 0)
			r = sysctl_read(i, now);
		if (r == 0 && strcmp(now, values->value[i]) != 0)
			r = -EIO;
		if (r < 0) {
			*ret_which = i;
			return r;
		}
	}
	return 0;
}
