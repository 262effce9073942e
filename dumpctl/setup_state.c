/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "dumpctl/setup_state.h"

static const struct sysctl_values kernel_defaults = {
	.value = {
		[SYSCTL_CORE_PATTERN] = "core",
		[SYSCTL_CORE_PIPE_LIMIT] = "0",
		[SYSCTL_SUID_DUMPABLE] = "0",
	},
};

int setup_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("dumpctl setup: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return -1;
}

int setup_check_writable(void)
{
	for (enum sysctl i = 0; i < SYSCTL_COUNT; i++) {
		int r = sysctl_writable(i);

		if (r < 0)
			return setup_fail(
				"%s cannot be written: %s\nIt is one setting for the whole "
				"machine. In a container, run this on the host. Nothing was "
				"changed.",
				sysctl_name(i), strerror(-r));
	}
	return 0;
}

int setup_check_root(void)
{
	return geteuid() == 0
		       ? 0
		       : setup_fail("this changes the whole machine: run it as root");
}

int setup_read_state(bool offline, struct sysctl_values *ret_now, struct saved *ret_saved,
		     bool *ret_earlier)
{
	enum sysctl which;
	int r = saved_load(ret_saved);

	if (r < 0 && r != -ENOENT)
		return setup_fail(
			"%s cannot be read: %s\nIf what was set before setup need not "
			"come back, remove it.",
			SAVED_FILE, r == -EBADMSG ? "damaged" : strerror(-r));
	*ret_earlier = r == 0;
	if (offline) {
		*ret_now = *ret_earlier ? ret_saved->set : kernel_defaults;
		return 0;
	}
	r = sysctl_read_all(ret_now, &which);
	if (r < 0)
		return setup_fail("%s cannot be read: %s", sysctl_name(which),
				  strerror(-r));
	return 0;
}
