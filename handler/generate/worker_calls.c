/* SPDX-License-Identifier: MIT */
/*
 * Writes generated/worker_calls.h: the system calls that a worker may make, and a reader of stored dumps, as programs
 * for the kernel's filter, and the names of all calls of this machine. Also those that a debugger without network may
 * not.
 *
 * Runs where dumpd is built, for what it is built for. libseccomp makes the program here and not in each
 * worker: there it took 0.2 ms of every crash, and 2.5.4 runs for ever when an allocation fails in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "handler/isolate.h"
#include "handler/isolate_seccomp.h"
#include "handler/pagemap_runs.h"

/* In place of the worker's own id. No process has it: it is above PID_MAX_LIMIT (linux/threads.h). */
#define SELF 0x7e1f5e1f

/* linux/bpf_common.h, BPF_MAXINSNS: the kernel takes no more. */
#define PROGRAM_MAX 4096

/* Calls are numbered from 0; where they begin at another number (MIPS), names are not known. */
#define CALLS_MAX 1024

/* What needs no newer kernel than 4.14, wherever this is built (seccomp_api_get(3)). */
#define API_LEVEL 3

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

#define WITH(number, bits)                                                    \
	{                                                                     \
		.arg = (number), .op = SCMP_CMP_MASKED_EQ, .datum_a = (bits), \
		.datum_b = (bits)                                             \
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
	IF(ioctl, IS(1, UFFDIO_UNREGISTER)),
	IF(ioctl, IS(1, UFFDIO_WAKE)),

	/* memory, of no file, and which never becomes code */
	IF(mmap, WITHOUT(2, PROT_EXEC), WITH(3, MAP_ANONYMOUS)),
	IF(mmap2, WITHOUT(2, PROT_EXEC), WITH(3, MAP_ANONYMOUS)),
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
	IF(mmap, WITHOUT(2, PROT_EXEC)),
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

/* What clone(2) has of pthread_create(3): with CLONE_THREAD nothing but a thread of this process comes of it. */
#define OF_A_THREAD (CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)

/* A reader of stored dumps (handler/isolate_reader.c) begins threads when it needs them, and is asked over a socket. */
static const struct rule allowed_reader[] = {
	IF(recvmsg, IS(0, ISOLATE_REPORT)),
	IF(sendmsg, IS(0, ISOLATE_REPORT)),
	ANY(poll),
	ANY(ppoll),
	IF(clone, WITH(0, OF_A_THREAD)),
};

/* Flags in memory, which a filter cannot read: the C library takes clone() then. */
static const struct rule missing_reader = ANY(clone3);

#define IS_NOT(number, value)                                                    \
	{                                                                        \
		.arg = (number), .op = SCMP_CMP_NE, .datum_a = (uint32_t)(value) \
	}
/* As the kernel takes it out of the second argument of socketpair(2) (linux/net.h, SOCK_TYPE_MASK). */
#define KIND(value)                                                                    \
	{                                                                              \
		.arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = 0xf, .datum_b = (value) \
	}

/*
 * What leads to others by network, or by a socket with a path. Pairs of sockets stay, as programs talk to
 * their own children by them, but for those whose each message can name another receiver. io_uring makes sockets
 * without socket(); pidfd_getfd() takes those of another process of the same user.
 */
static const struct rule connections[] = {
	ANY(socket),
	ANY(connect),
	ANY(io_uring_setup),
	ANY(pidfd_getfd),
	IF(socketpair, IS_NOT(0, AF_UNIX)),
	IF(socketpair, KIND(SOCK_DGRAM)),
	IF(socketpair, KIND(SOCK_RAW)), /* for AF_UNIX it is SOCK_DGRAM */
};

static int add(scmp_filter_ctx filter, uint32_t action, const struct rule *rule)
{
	return seccomp_rule_add_array(filter, action, rule->syscall, rule->n, rule->args);
}

/* SIGABRT to itself; the number of the process is known only when it runs. */
static int add_abort(scmp_filter_ctx filter)
{
	const struct rule self = IF(tgkill, IS(0, SELF), IS(2, SIGABRT));

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
	int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	/* the kernel looks every call up once, on loading: as a tree this takes a fifth less */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* libseccomp 2.5 */
	for (size_t i = 0; i < ARRAY_SIZE(allowed) && r == 0; i++)
		r = add(filter, SCMP_ACT_ALLOW, &allowed[i]);
	for (size_t i = 0; i < ARRAY_SIZE(refused) && r == 0; i++)
		r = add(filter, SCMP_ACT_ERRNO((unsigned int)refused[i].error),
			&refused[i].rule);
	if (r == 0)
		r = add_skipped(filter);
	return r == 0 ? add_abort(filter) : r;
}

static int fill_reader(scmp_filter_ctx filter)
{
	int r = fill(filter);

	for (size_t i = 0; i < ARRAY_SIZE(allowed_reader) && r == 0; i++)
		r = add(filter, SCMP_ACT_ALLOW, &allowed_reader[i]);
	return r == 0 ? add(filter, SCMP_ACT_ERRNO(ENOSYS), &missing_reader) : r;
}

static int fill_connections(scmp_filter_ctx filter)
{
	int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	for (size_t i = 0; i < ARRAY_SIZE(connections) && r == 0; i++)
		r = add(filter, SCMP_ACT_ERRNO(EACCES), &connections[i]);
	return r;
}

/* Return: instructions; negative errno. */
static int compile(uint32_t otherwise, int (*fill_in)(scmp_filter_ctx filter),
		   struct sock_filter program[PROGRAM_MAX])
{
	scmp_filter_ctx filter = seccomp_init(otherwise);
	int fd = memfd_create("worker_calls", MFD_CLOEXEC), r;

	r = filter && fd >= 0 ? fill_in(filter) : -ENOMEM;
	if (r == 0)
		r = seccomp_export_bpf(filter, fd);
	if (r == 0)
		r = (int)pread(fd, program, PROGRAM_MAX * sizeof(*program), 0);
	if (fd >= 0)
		(void)close(fd);
	seccomp_release(filter);
	return r < 0 ? r : r / (int)sizeof(*program);
}

/* Return: where SELF is compared with; -EINVAL: it is not in one place. */
static int find_self(const struct sock_filter program[PROGRAM_MAX], int n)
{
	int found = -EINVAL;

	for (int i = 0; i < n; i++) {
		if (program[i].k != SELF)
			continue;
		if (found >= 0)
			return -EINVAL;
		found = i;
	}
	return found;
}

static void print_program(const char *name, const struct sock_filter program[PROGRAM_MAX],
			  int n)
{
	printf("static const struct sock_filter %s[] = {\n", name);
	for (int i = 0; i < n; i++)
		printf("\t{ 0x%x, %u, %u, 0x%x },\n", program[i].code, program[i].jt,
		       program[i].jf, program[i].k);
	puts("};\n");
}

static int print_confined(const char *name, const char *self_name,
			  int (*fill_in)(scmp_filter_ctx filter))
{
	static struct sock_filter program[PROGRAM_MAX];
	int n = compile(SCMP_ACT_TRAP, fill_in, program);
	int self = n < 0 ? n : find_self(program, n);

	if (self < 0)
		return self;
	print_program(name, program, n);
	printf("/* Whose k is the id of the process. */\n"
	       "#define %s %d\n\n",
	       self_name, self);
	return 0;
}

static int print_connections(void)
{
	static struct sock_filter program[PROGRAM_MAX];
	int n = compile(SCMP_ACT_ALLOW, fill_connections, program);

	if (n > 0)
		print_program("connection_calls", program, n);
	return n < 0 ? n : 0;
}

/* No pointers: pages of the file that nobody touches. */
static void print_names(void)
{
	puts("static const char worker_calls_names[][32] = {");
	for (int i = 0; i < CALLS_MAX; i++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);

		if (name && strlen(name) < 32)
			printf("\t[%d] = \"%s\",\n", i, name);
		free(name);
	}
	puts("};");
}

int main(void)
{
	int r;

	if (seccomp_api_set(API_LEVEL) < 0) {
		fprintf(stderr, "worker_calls: libseccomp knows no level %d\n",
			API_LEVEL);
		return 1;
	}
	puts("/* Made by handler/generate/worker_calls.c. */\n"
	     "#pragma once\n\n"
	     "#include <linux/filter.h>\n");
	r = print_confined("worker_calls", "WORKER_CALLS_SELF", fill);
	if (r == 0)
		r = print_confined("reader_calls", "READER_CALLS_SELF", fill_reader);
	if (r == 0)
		r = print_connections();
	if (r < 0) {
		fprintf(stderr, "worker_calls: %s\n", strerror(-r));
		return 1;
	}
	print_names();
	return fflush(stdout) == 0 ? 0 : 1;
}
