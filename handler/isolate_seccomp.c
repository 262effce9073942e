/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "generated/worker_calls.h"
#include "handler/isolate_seccomp.h"

/* kernel/seccomp.c: EFAULT for a filter that is not there, EINVAL for what it does not know. */
static bool is_missing(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) < 0 && errno != EFAULT;
}

static int load(struct sock_filter *filter, size_t n)
{
	const struct sock_fprog program = { .len = (unsigned short)n, .filter = filter };
	long r;

	if (is_missing())
		return -ENOSYS;
	r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC,
		    &program);
	if (r > 0)
		return -ESRCH; /* a thread that has another filter */
	return r < 0 ? -errno : 0;
}

int isolate_seccomp(void)
{
	struct sock_filter own[ARRAY_SIZE(worker_calls)];

	memcpy(own, worker_calls, sizeof(own));
	own[WORKER_CALLS_SELF].k = (uint32_t)getpid();
	return load(own, ARRAY_SIZE(own));
}

int isolate_seccomp_reader(void)
{
	struct sock_filter own[ARRAY_SIZE(reader_calls)];

	memcpy(own, reader_calls, sizeof(own));
	own[READER_CALLS_SELF].k = (uint32_t)getpid();
	return load(own, ARRAY_SIZE(own));
}

int isolate_seccomp_connections(void)
{
	struct sock_filter own[ARRAY_SIZE(connection_calls)];

	memcpy(own, connection_calls, sizeof(own));
	return load(own, ARRAY_SIZE(own));
}

bool isolate_seccomp_holds(void)
{
	return prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER || is_missing();
}

const char *isolate_seccomp_name(int number)
{
	if (number < 0 || (size_t)number >= ARRAY_SIZE(worker_calls_names) ||
	    !worker_calls_names[number][0])
		return NULL;
	return worker_calls_names[number];
}
