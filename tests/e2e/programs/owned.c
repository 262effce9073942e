/* SPDX-License-Identifier: MIT */
/*
 * Crashes as one that changed what it may before: each argument is done in turn.
 *
 *   drop          all ids to 1000, as a daemon gives up root
 *   dumpable0/1   PR_SET_DUMPABLE
 *   unshare       a user namespace of its own
 *   argument...   nothing
 */
#define _GNU_SOURCE
#include <grp.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
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
		else if (strncmp(argv[i], "argument", 8) == 0)
			r = 0;
		if (r < 0)
			return 3;
	}
	*(volatile int *)16 = 1;
	return 4;
}
