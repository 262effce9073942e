/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "handler/isolate_seccomp.h"
#include "handler/pagemap_runs.h"

#define ARGS_MAX 2

struct rule {
	int syscall; /* what this machine does not have is a negative number */
	unsigned int n;
	struct scmp_arg_cmp args[ARGS_MAX];
};

#define ANY(name)                         \
	{                                 \
		.syscall = SCMP_SYS(name) \
	}
#define IF(name, ...)                                                 \
	{                                                             \
		.syscall = SCMP_SYS(name),                            \
		.n = sizeof((struct scmp_arg_cmp[]){ __VA_ARGS__ }) / \
		     sizeof(struct scmp_arg_cmp),                     \
		.args = { __VA_ARGS__ },                              \
	}

/* An argument that the kernel takes as 32 bits: what is above them is anything. */
#define IS(number, value)                                                         \
	{                                                                         \
		.arg = (number), .op = SCMP_CMP_MASKED_EQ, .datum_a = UINT32_MAX, \
		.datum_b = (uint32_t)(value)                                      \
	}
#define WITHOUT(number, bits)                                                 \
	{                                                                     \
		.arg = (number), .op = SCMP_CMP_MASKED_EQ, .datum_a = (bits), \
		.datum_b = 0                                                  \
	}

static const struct rule allowed[] = {
	/* descriptors, of which there are those of isolate.h */
	ANY(read),
	ANY(write),
	ANY(pread64),
	ANY(pwrite64),
	ANY(close),
	ANY(lseek),
	ANY(_llseek),
	ANY(ftruncate),
	ANY(ftruncate64),
	ANY(fstatfs),
	ANY(fstatfs64),
	ANY(fadvise64),
	ANY(fadvise64_64),
	ANY(arm_fadvise64_64),
	ANY(sync_file_range),
	ANY(sync_file_range2),
	IF(fcntl, IS(1, F_SETPIPE_SZ)),
	IF(fcntl, IS(1, F_GETPIPE_SZ)),
	IF(fcntl64, IS(1, F_SETPIPE_SZ)),
	IF(fcntl64, IS(1, F_GETPIPE_SZ)),
	IF(ioctl, IS(1, PAGEMAP_SCAN)),
	IF(ioctl, IS(1, UFFDIO_REGISTER)),
	IF(ioctl, IS(1, UFFDIO_UNREGISTER)),
	IF(ioctl, IS(1, UFFDIO_WAKE)),

	/* memory, which never becomes code */
	IF(mmap, WITHOUT(2, PROT_EXEC)),
	IF(mmap2, WITHOUT(2, PROT_EXEC)),
	IF(mprotect, WITHOUT(2, PROT_EXEC)),
	ANY(munmap),
	ANY(mremap),
	ANY(madvise),
	ANY(brk),

	/* threads that are there: to wait, to end; the first steps of one that has just begun */
	ANY(futex),
	ANY(futex_time64),
	ANY(futex_waitv),
	ANY(sched_yield),
	ANY(sched_getaffinity),
	ANY(getcpu),
	ANY(membarrier),
	ANY(rseq),
	ANY(set_robust_list),
	ANY(rt_sigprocmask),
	ANY(rt_sigreturn),
	ANY(sigreturn),
	ANY(restart_syscall),
	ANY(exit),
	ANY(exit_group),
	IF(setpriority, IS(0, PRIO_PROCESS), IS(1, 0)),
	IF(ioprio_set, IS(1, 0)),

	/* clocks, where no vdso has them; random numbers for malloc; how much memory, for qsort */
	ANY(nanosleep),
	ANY(clock_nanosleep),
	ANY(clock_nanosleep_time64),
	ANY(clock_gettime),
	ANY(clock_gettime64),
	ANY(clock_getres),
	ANY(clock_getres_time64),
	ANY(gettimeofday),
	ANY(time),
	ANY(getrandom),
	ANY(sysinfo),

	/* who it is, which isolate_is_done() asks; the last words of the C library, and abort() */
	ANY(getpid),
	ANY(gettid),
	ANY(geteuid),
	ANY(geteuid32),
	ANY(capget),
	ANY(writev),
	IF(prctl, IS(0, PR_GET_SECCOMP)),

#ifdef ISOLATE_WRITES_FILES
	/* with the names of functions; threads that end */
	ANY(open),
	ANY(openat),
	ANY(mkdir),
	ANY(readlink),
	ANY(newfstatat),
	IF(fcntl, IS(1, F_GETFD)),
	IF(fcntl, IS(1, F_SETFD)),
	IF(fcntl, IS(1, F_GETFL)),
	IF(fcntl, IS(1, F_SETLKW)),
	ANY(sigaltstack),
#endif
};

static const struct {
	int error;
	struct rule rule;
} refused[] = {
	/* is it a terminal? names for mappings; limits of a stack */
	{ ENOTTY, IF(ioctl, IS(1, TCGETS)) },
	{ EINVAL, IF(prctl, IS(0, PR_SET_VMA)) },
	{ EPERM, ANY(prlimit64) },
};

static int add(scmp_filter_ctx filter, uint32_t action, const struct rule *rule)
{
	return seccomp_rule_add_array(filter, action, rule->syscall, rule->n, rule->args);
}

/* SIGABRT to itself; the number of the process is known only now. */
static int add_abort(scmp_filter_ctx filter)
{
	const struct rule self = IF(tgkill, IS(0, getpid()), IS(2, SIGABRT));

	return add(filter, SCMP_ACT_ALLOW, &self);
}

/*
 * -1 is no call: a debugger that skips one (ptrace(2), strace --inject) makes it that, and the kernel does
 * nothing then.
 */
static int add_skipped(scmp_filter_ctx filter)
{
	const struct rule skipped = { .syscall = -1 };
	int r = seccomp_attr_set(filter, SCMP_FLTATR_API_TSKIP, 1);

	return r == 0 ? add(filter, SCMP_ACT_ALLOW, &skipped) : r;
}

static int fill(scmp_filter_ctx filter)
{
	int r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

	/* the kernel looks every call up once, on loading: as a tree this takes a fifth less */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* libseccomp 2.5 */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
				     SCMP_ACT_KILL_PROCESS);
	for (size_t i = 0; i < ARRAY_SIZE(allowed) && r == 0; i++)
		r = add(filter, SCMP_ACT_ALLOW, &allowed[i]);
	for (size_t i = 0; i < ARRAY_SIZE(refused) && r == 0; i++)
		r = add(filter, SCMP_ACT_ERRNO((unsigned int)refused[i].error),
			&refused[i].rule);
	if (r == 0)
		r = add_skipped(filter);
	return r == 0 ? add_abort(filter) : r;
}

/* kernel/seccomp.c: EFAULT for a filter that is not there, EINVAL for what it does not know. */
static bool is_missing(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) < 0 && errno != EFAULT;
}

int isolate_seccomp(void)
{
	scmp_filter_ctx filter;
	int r;

	if (is_missing())
		return -ENOSYS;
	filter = seccomp_init(SCMP_ACT_TRAP);
	if (!filter)
		return -ENOMEM;
	r = fill(filter);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

bool isolate_seccomp_holds(void)
{
	return prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER || is_missing();
}

char *isolate_seccomp_name(int number)
{
	return seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
}
