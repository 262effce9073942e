/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/number.h"
#include "handler/isolate_helper.h"
#include "handler/process_sharing.h"
#include "handler/process_state.h"

/* What is asked in 2 ms in any order; of more, those that are likely are asked first. */
#define FEW 1024

/* kernel: PID_MAX_LIMIT is 4 Mi; of 64 Ki nobody is done in time. */
#define PIDS_MAX 65536

/* Of one process whose first thread has ended: nearly always the first one tells. */
#define THREADS_MAX 16

/* How many times its time the child may wait for a processor. */
#define BUSY 10

static const char late[] = "not every process was asked in time";

struct look {
	const struct process_sharing_ask *ask;
	int64_t until; /* µs that this process may have worked */
	uint64_t size; /* of the address space */
	struct process_sharing *ret;
};

struct pids {
	pid_t *pids;
	size_t count;
};

/* Return: 1 the same, 0 another or none, or negative errno. */
static int has_memory_of(int64_t tid, pid_t other)
{
	long r = syscall(SYS_kcmp, (pid_t)tid, other, KCMP_VM, 0, 0);

	if (r >= 0)
		return r == 0;
	return errno == ESRCH ? 0 : -errno; /* it ended meanwhile */
}

static const char *refusal(int error)
{
	return error == ENOSYS ? "this kernel has no kcmp(2)" : "kcmp(2) was refused";
}

/* Pages of an address space, the first number of statm, for which no lock is taken; 0: it has none. */
static uint64_t size_of(int dirfd, const char *name)
{
	_cleanup_free_ char *text = NULL;
	uint64_t pages;
	size_t n;

	if (io_read_file(dirfd, name, 128, &text, &n) < 0)
		return 0;
	text[strcspn(text, " \n")] = '\0';
	return number_u64(text, UINT64_MAX, &pages) < 0 ? 0 : pages;
}

/* A first thread that has ended while others live is a zombie without memory. */
static bool has_lost_first_thread(pid_t pid)
{
	char path[32];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	/* fs/proc/base.c, proc_task_getattr(): three with one thread */
	if (stat(path, &st) < 0 || st.st_nlink <= 3)
		return false;
	(void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	return size_of(AT_FDCWD, path) == 0;
}

/* Its threads have the same memory, but for those that are ending and have none. Return: as has_memory_of(). */
static int ask_threads(const struct look *look, pid_t pid)
{
	_cleanup_dir_ DIR *dir = NULL;
	struct dirent *entry;
	char path[64];
	uint64_t tid;
	int r = 0, asked = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	while (r == 0 && dir && asked < THREADS_MAX && (entry = readdir(dir))) {
		if (number_u64(entry->d_name, INT32_MAX, &tid) < 0 || (pid_t)tid == pid)
			continue;
		asked++;
		r = has_memory_of(look->ask->tid, (pid_t)tid);
	}
	return r;
}

/* Return: 1 the same, 0 another or none, or negative errno. */
static int ask_process(const struct look *look, pid_t pid)
{
	int r = has_memory_of(look->ask->tid, pid);

	return r == 0 && has_lost_first_thread(pid) ? ask_threads(look, pid) : r;
}

/* Numbers of x86-64 and of i386 for a 32-bit parent, where the kernel has others than this program. */
static bool is_vfork(uint64_t number, uint64_t flags)
{
#if defined(__x86_64__)
	static const uint64_t vforks[] = { SYS_vfork, 190 },
			      clones[] = { SYS_clone, 120 };
#elif defined(SYS_vfork)
	static const uint64_t vforks[] = { SYS_vfork }, clones[] = { SYS_clone };
#else
	static const uint64_t vforks[] = { SYS_clone3 }, clones[] = { SYS_clone };
#endif

	for (size_t i = 0; i < ARRAY_SIZE(clones); i++) {
		if (number == vforks[i] || (number == clones[i] && (flags & CLONE_VFORK)))
			return true;
	}
	return number == SYS_clone3;
}

/*
 * 56 0x4111 0x7f0000001000 ...: the number of its system call, and what it was given. Who hangs in a page fault
 * has -1, who runs has a word.
 */
static bool is_in_vfork(pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	char path[32], *rest;
	uint64_t number;
	size_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid); /* fits */
	if (io_read_file(AT_FDCWD, path, 256, &text, &n) < 0)
		return false;
	rest = text + strcspn(text, " \n");
	if (*rest)
		*rest++ = '\0';
	return number_u64(text, INT32_MAX, &number) == 0 &&
	       is_vfork(number, strtoull(rest, NULL, 16));
}

/* The name counts if the process has that memory after it was read, too: it may have become another. */
static void found(struct look *look, pid_t pid)
{
	struct process_sharing *ret = look->ret;
	_cleanup_free_ char *comm = NULL;
	char path[32];
	size_t n;

	*ret = (struct process_sharing){ .answer = PROCESS_SHARED, .pid = pid };
	(void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	if (io_read_file(AT_FDCWD, path, PROCESS_COMM_SIZE - 1, &comm, &n) < 0 ||
	    ask_process(look, pid) != 1)
		return;
	comm[strcspn(comm, "\n")] = '\0';
	(void)snprintf(ret->comm, sizeof(ret->comm), "%s", comm);
	/* kernel/fork.c, wait_for_vfork_done(): no signal but SIGKILL ends it */
	ret->waits = pid == look->ask->parent && process_state_is(pid, 'D') &&
		     is_in_vfork(pid);
}

/* Of the same size: only then can it be the same. */
static bool may_have_memory(const struct look *look, pid_t other)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)other);
	return size_of(AT_FDCWD, path) == look->size;
}

/* Return: there is no need to look further. */
static bool look_at(struct look *look, pid_t pid)
{
	int r;

	if (pid == look->ask->pid)
		return false;
	if (clock_usec(CLOCK_PROCESS_CPUTIME_ID) >= look->until) {
		look->ret->reason = late;
		return true;
	}
	r = ask_process(look, pid);
	if (r == 1)
		found(look, pid);
	else if (r == -ENOSYS || (r < 0 && may_have_memory(look, pid)))
		look->ret->reason = refusal(-r);
	return r == 1 || r == -ENOSYS;
}

static bool look_at_parent(struct look *look)
{
	const struct process_sharing_ask *ask = look->ask;

	look->size = size_of(ask->dirfd, "statm");
	if (look->size == 0) {
		look->ret->reason = "the size of its address space cannot be read";
		return true;
	}
	return ask->parent > 0 &&
	       (may_have_memory(look, (pid_t)ask->parent) ||
		has_lost_first_thread((pid_t)ask->parent)) &&
	       look_at(look, (pid_t)ask->parent);
}

/* 4711 4712 */
static bool look_at_children(struct look *look)
{
	const struct process_sharing_ask *ask = look->ask;
	const int64_t threads[] = { ask->pid, ask->tid };

	for (size_t i = 0; i < (ask->pid == ask->tid ? 1 : ARRAY_SIZE(threads)); i++) {
		_cleanup_free_ char *text = NULL;
		char path[64], *rest, *word;
		size_t n;

		(void)snprintf(path, sizeof(path),
			       "/proc/%" PRId64 "/task/%" PRId64 "/children", ask->pid,
			       threads[i]);
		if (io_read_file(AT_FDCWD, path, 64 << 10, &text, &n) < 0)
			continue; /* CONFIG_PROC_CHILDREN; they are among all */
		for (word = strtok_r(text, " ", &rest); word;
		     word = strtok_r(NULL, " ", &rest)) {
			uint64_t pid;

			if (number_u64(word, INT32_MAX, &pid) == 0 &&
			    look_at(look, (pid_t)pid))
				return true;
		}
	}
	return false;
}

static void pids_done(struct pids *pids)
{
	free(pids->pids);
}

/* Return: 0 or negative errno; what was listed counts. */
static int list_processes(struct pids *ret)
{
	_cleanup_dir_ DIR *dir = opendir("/proc");
	struct dirent *entry;
	uint64_t pid;

	ret->pids = malloc(PIDS_MAX * sizeof(*ret->pids));
	if (!dir || !ret->pids)
		return -ENOMEM;
	while ((entry = readdir(dir))) {
		if (number_u64(entry->d_name, INT32_MAX, &pid) < 0)
			continue;
		if (ret->count == PIDS_MAX)
			return -E2BIG;
		ret->pids[ret->count++] = (pid_t)pid;
	}
	return 0;
}

/* A process that is not dumpable is root's there; it is asked with the others. */
static bool is_of(pid_t pid, int64_t uid)
{
	char path[32];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return stat(path, &st) == 0 && (int64_t)st.st_uid == uid;
}

static bool look_at_all(struct look *look)
{
	_cleanup_(pids_done) struct pids all = { .pids = NULL };

	if (list_processes(&all) < 0)
		look->ret->reason = late;
	for (size_t i = 0; i < all.count && all.count > FEW; i++) {
		if (!is_of(all.pids[i], look->ask->uid))
			continue;
		if (look_at(look, all.pids[i]))
			return true;
		all.pids[i] = 0; /* was asked */
	}
	for (size_t i = 0; i < all.count; i++) {
		if (all.pids[i] > 0 && look_at(look, all.pids[i]))
			return true;
	}
	return false;
}

/* Nobody found: then alone, if nobody was left out. */
static void conclude(const struct look *look)
{
	if (look->ret->answer == PROCESS_SHARING_UNKNOWN && !look->ret->reason)
		look->ret->answer = PROCESS_ALONE;
}

/* Its answer's pointer is to a text that both have, at the same place. */
static _noreturn_ void ask_all(struct look *look, int fd)
{
	look->until = PROCESS_SHARING_TIME;
	if (isolate_helper((const int[]){ look->ask->dirfd, fd }, 2) == 0) {
		look->ret->reason = NULL;
		if (!look_at_parent(look) && !look->ret->reason &&
		    !look_at_children(look) && !look_at_all(look))
			conclude(look);
		(void)!write(fd, look->ret,
			     sizeof(*look->ret)); /* else it is not known */
	}
	_exit(0);
}

void process_sharing_ask_parent(const struct process_sharing_ask *ask,
				struct process_sharing *ret)
{
	struct look look = { .ask = ask, .until = INT64_MAX, .ret = ret };

	*ret = (struct process_sharing){ .parent_only = true };
	if (!look_at_parent(&look))
		conclude(&look);
}

void process_sharing_start(const struct process_sharing_ask *ask,
			   struct process_sharing_scan *ret)
{
	struct look look = { .ask = ask, .ret = &ret->result };
	int pipe_fds[2];
	pid_t pid;

	*ret = (struct process_sharing_scan){ .fd = -1 };
	ret->result.reason = late;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0)
		ask_all(&look, pipe_fds[1]);
	(void)close(pipe_fds[1]); /* nothing was written here */
	if (pid < 0) {
		(void)close(pipe_fds[0]);
		return;
	}
	ret->child = pid;
	ret->fd = pipe_fds[0];
}

/* Who hangs sleeps; on a busy machine it may wait for a processor for longer than it has to work. */
static bool comes_in_time(const struct process_sharing_scan *scan)
{
	struct pollfd fd = { .fd = scan->fd, .events = POLLIN };

	for (int i = 0; i < BUSY; i++) {
		if (poll(&fd, 1, PROCESS_SHARING_TIME / 1000) > 0)
			return true;
		if (!process_state_is(scan->child, 'R'))
			return false;
	}
	return false;
}

void process_sharing_finish(struct process_sharing_scan *scan,
			    struct process_sharing *ret)
{
	struct process_sharing answer;
	pid_t r;

	if (scan->child > 0) {
		if (comes_in_time(scan) &&
		    io_read_full(scan->fd, &answer, sizeof(answer)) == sizeof(answer))
			scan->result = answer;
		(void)kill(scan->child, SIGKILL); /* it is there until it is waited for */
		/* it ends at once: whatever it does can be killed */
		do {
			r = waitpid(scan->child, NULL, 0);
		} while (r < 0 && errno == EINTR);
		cleanup_fd(&scan->fd);
	}
	*ret = scan->result;
}
