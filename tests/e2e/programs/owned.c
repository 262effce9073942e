/* SPDX-License-Identifier: MIT */
/*
 * Crashes as one that changed what it may before: each argument is done in turn.
 *
 *   drop          all ids to 1000, as a daemon gives up root
 *   dumpable0/1   PR_SET_DUMPABLE
 *   unshare       a user namespace of its own
 *   unshare-map   the same, in which it is root
 *   thread-keeps  gives up the capabilities of this thread, while another one keeps them
 *   thread-crashes  the same, and that one crashes
 *   argument...   nothing
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define USER 1000

/* In memory, and in each dump of it. */
const char *volatile secret = "a secret of whoever this is";

static int drop(void)
{
	if (geteuid() == 0 && setgroups(0, NULL) < 0)
		return -1;
	if (setresgid(USER, USER, USER) < 0)
		return -1;
	return setresuid(USER, USER, USER);
}

static int crash(void)
{
	*(volatile int *)16 = 1;
	return 4;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	(void)close(fd);
	return n < 0 ? -1 : 0;
}

static int unshare_map(void)
{
	if (unshare(CLONE_NEWUSER) < 0 ||
	    write_file("/proc/self/setgroups", "deny") < 0 ||
	    write_file("/proc/self/gid_map", "0 1000 1") < 0)
		return -1;
	return write_file("/proc/self/uid_map", "0 1000 1");
}

/* Of the calling thread alone. */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 } };

	return (int)syscall(SYS_capset, &header, none);
}

static void *other(void *crashes)
{
	if (crashes) {
		(void)usleep(100000); /* by then the first thread has none */
		(void)crash();
	}
	for (;;)
		(void)pause();
	return NULL;
}

static int start_thread(void *crashes)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, other, crashes) == 0 ? 0 : -1;
}

static int thread_keeps(void)
{
	return start_thread(NULL) < 0 ? -1 : drop_capabilities();
}

static int thread_crashes(void)
{
	if (start_thread((void *)&secret) < 0 || drop_capabilities() < 0)
		return -1;
	for (;;)
		(void)pause();
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int r = -1;

		if (strcmp(argv[i], "drop") == 0)
			r = drop();
		else if (strcmp(argv[i], "dumpable0") == 0)
			r = prctl(PR_SET_DUMPABLE, 0);
		else if (strcmp(argv[i], "dumpable1") == 0)
			r = prctl(PR_SET_DUMPABLE, 1);
		else if (strcmp(argv[i], "unshare") == 0)
			r = unshare(CLONE_NEWUSER);
		else if (strcmp(argv[i], "unshare-map") == 0)
			r = unshare_map();
		else if (strcmp(argv[i], "thread-keeps") == 0)
			r = thread_keeps();
		else if (strcmp(argv[i], "thread-crashes") == 0)
			r = thread_crashes();
		else if (strncmp(argv[i], "argument", 8) == 0)
			r = 0;
		if (r < 0)
			return 3;
	}
	return crash();
}
