/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/io.h"
#include "handler/process.h"
#include "handler/process_end.h"

/* Behind the groups, which are few. */
#define STATUS_CAP 16384

/* include/uapi/linux/pidfd.h of Linux 6.15; Debian 12 has the headers of 6.1. */
struct info {
	uint64_t mask;
	// cppcheck-suppress unusedStructMember; the kernel fills them in
	uint64_t cgroup;
	// cppcheck-suppress unusedStructMember; as above
	uint32_t ids[11];
	int32_t exit_code;
};

#define INFO_EXIT      (UINT64_C(1) << 3)
#define GET_PIDFD_INFO _IOWR(0xff, 11, struct info)

#define KILL_BIT (UINT64_C(1) << (SIGKILL - 1))

/* A line of a mask of signals: "ShdPnd:	0000000000000100". */
static bool has_kill(const char *status, const char *key)
{
	const char *value = process_status_value(status, key);

	return value && (strtoull(value, NULL, 16) & KILL_BIT);
}

/*
 * SIGKILL for the process stays pending until it was waited for. For a thread, it does in all: but the kernel itself
 * sends it to those that do not dump (fs/coredump.c, zap_process()).
 */
enum process_end process_end_of_status(const char *status, int64_t tid)
{
	bool dumps = tid > 0 && process_status_number(status, "Pid:") == tid;

	if (has_kill(status, "ShdPnd:") || (dumps && has_kill(status, "SigPnd:")))
		return PROCESS_END_KILLED;
	return dumps && process_status_value(status, "ShdPnd:") ? PROCESS_END_NOT_KILLED
								: PROCESS_END_UNKNOWN;
}

enum process_end process_end_of_code(int32_t code, int64_t signal)
{
	if (signal == SIGKILL || signal <= 0)
		return PROCESS_END_UNKNOWN;
	return (code & 0x7f) == SIGKILL ? PROCESS_END_KILLED : PROCESS_END_NOT_KILLED;
}

static enum process_end ask_status(int fd, int64_t tid)
{
	char text[STATUS_CAP + 1];
	ssize_t n = fd < 0 ? -1 : io_pread(fd, text, STATUS_CAP, 0);

	if (n <= 0)
		return PROCESS_END_UNKNOWN; /* it was waited for */
	text[n] = '\0';
	return process_end_of_status(text, tid);
}

static enum process_end ask_pidfd(int fd, int64_t signal)
{
	struct info info = { .mask = INFO_EXIT };

	if (fd < 0 || ioctl(fd, GET_PIDFD_INFO, &info) < 0 || !(info.mask & INFO_EXIT))
		return PROCESS_END_UNKNOWN;
	return process_end_of_code(info.exit_code, signal);
}

enum process_end process_end_find(int status_fd, int64_t tid, int pidfd, int64_t signal)
{
	enum process_end end = ask_status(status_fd, tid);

	return end == PROCESS_END_UNKNOWN ? ask_pidfd(pidfd, signal) : end;
}

const char *process_end_text(enum process_end end)
{
	static const char *const texts[PROCESS_ENDS] = {
		[PROCESS_END_UNKNOWN] =
			"the process was killed, or frozen, while it dumped",
		[PROCESS_END_KILLED] = "the process was killed while it dumped",
		[PROCESS_END_NOT_KILLED] =
			"the process was frozen while it dumped, most likely: it was not killed",
	};

	return texts[end];
}
