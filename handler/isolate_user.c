/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "handler/isolate_user.h"

#define NOBODY 65534

/* The file alone, not NSS: a directory server must not be asked while a process is held. */
int isolate_user_find(const char *name, struct isolate_user *ret)
{
	_cleanup_file_ FILE *passwd = fopen("/etc/passwd", "re");
	const struct passwd *entry;
	int r = -ENOENT;

	while (passwd && (entry = fgetpwent(passwd))) {
		if (strcmp(entry->pw_name, name) != 0 || entry->pw_uid == 0 ||
		    entry->pw_gid == 0)
			continue;
		*ret = (struct isolate_user){ entry->pw_uid, entry->pw_gid };
		r = 0;
	}
	return r;
}

void isolate_find_user(struct isolate_user *ret)
{
	if (isolate_user_find("dumpd", ret) < 0)
		*ret = (struct isolate_user){ NOBODY, NOBODY };
}

static int drop_ids(const struct isolate_user *user)
{
	if (setgroups(0, NULL) < 0 || setresgid(user->gid, user->gid, user->gid) < 0 ||
	    setresuid(user->uid, user->uid, user->uid) < 0)
		return -errno;
	return 0;
}

/* "An incomplete drop" is a flaw class of its own: read back what is left. */
static int verify_ids(const struct isolate_user *user)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	if (getresuid(&ruid, &euid, &suid) < 0 || getresgid(&rgid, &egid, &sgid) < 0)
		return -errno;
	if (ruid != user->uid || euid != user->uid || suid != user->uid ||
	    rgid != user->gid || egid != user->gid || sgid != user->gid ||
	    getgroups(0, NULL) != 0)
		return -EPERM;
	return 0;
}

int isolate_user_become(const struct isolate_user *user)
{
	int r = drop_ids(user);

	return r == 0 ? verify_ids(user) : r;
}
