/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/syscall.h>

#include "base/io.h"
#include "base/number.h"
#include "handler/process_robust.h"

/* 128 KiB of addresses, and some 40 ms: the kernel's own dump of so many threads takes longer by far. */
#define THREADS_MAX 16384

/* Return: 0 or negative errno. A thread that has ended has none. */
static int ask(pid_t tid, struct process_robust *robust)
{
	struct robust_list_head *head = NULL;
	size_t size;

	if (syscall(SYS_get_robust_list, tid, &head, &size) < 0)
		return errno == ESRCH ? 0 : -errno;
	if (head)
		robust->heads[robust->count++] = (uintptr_t)head;
	return 0;
}

static const char *refusal(int error)
{
	return error == ENOSYS ? "this kernel has no get_robust_list(2)"
			       : "get_robust_list(2) was refused";
}

/* Return: why they are not all; NULL. */
static const char *ask_all(DIR *dir, struct process_robust *robust)
{
	struct dirent *entry;
	size_t threads = 0;
	uint64_t tid;
	int r;

	while ((errno = 0, entry = readdir(dir))) {
		if (number_u64(entry->d_name, INT32_MAX, &tid) < 0)
			continue;
		if (threads++ == THREADS_MAX)
			return "it has too many threads";
		r = ask((pid_t)tid, robust);
		if (r < 0)
			return refusal(-r);
	}
	return errno ? "its threads cannot be read" : NULL;
}

void process_robust_read(int dirfd, struct process_robust *ret)
{
	int fd = openat(dirfd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_dir_ DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	*ret = (struct process_robust){ .reason = "its threads cannot be read" };
	ret->heads = malloc(THREADS_MAX * sizeof(*ret->heads));
	if (!dir || !ret->heads) {
		if (fd >= 0 && !dir)
			(void)close(fd); /* read only */
		return;
	}
	ret->reason = ask_all(dir, ret);
	ret->known = !ret->reason;
}

void process_robust_done(struct process_robust *robust)
{
	free(robust->heads);
	*robust = (struct process_robust){ .heads = NULL };
}
