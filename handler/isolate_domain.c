/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "handler/isolate_domain.h"

/* As selinux/dumpd.te has them. */
#define TYPE	    "dumpd_t"
#define WORKER_TYPE "dumpd_worker_t"

/* As install/apparmor/usr.lib.dumpd has them. A label ends with the profile's mode in parentheses. */
#define PROFILE	     "dumpd ("
#define STACK_WORKER "stack dumpd-worker"

/* The third part of USER:ROLE:TYPE[:RANGE]; a range has colons, too. NULL: there is none. */
static const char *type_of(const char *label)
{
	const char *role = strchr(label, ':');
	const char *type = role ? strchr(role + 1, ':') : NULL;

	return type ? type + 1 : NULL;
}

static size_t change_selinux(const char *label, char ret[ISOLATE_DOMAIN_MAX])
{
	const char *type = type_of(label);
	size_t n = type ? strcspn(type, ":") : 0;
	int r;

	if (n != strlen(TYPE) || memcmp(type, TYPE, n) != 0)
		return 0;
	r = snprintf(ret, ISOLATE_DOMAIN_MAX, "%.*s" WORKER_TYPE "%s",
		     (int)(type - label), label, type + n);
	return r > 0 && r < ISOLATE_DOMAIN_MAX ? (size_t)r : 0;
}

static size_t change_apparmor(const char *label, char ret[ISOLATE_DOMAIN_MAX])
{
	if (strncmp(label, PROFILE, strlen(PROFILE)) != 0)
		return 0;
	memcpy(ret, STACK_WORKER, sizeof(STACK_WORKER));
	return strlen(STACK_WORKER);
}

size_t isolate_domain_change(const char *label, size_t n, char ret[ISOLATE_DOMAIN_MAX])
{
	char text[ISOLATE_DOMAIN_MAX];
	size_t r;

	if (n >= sizeof(text))
		return 0;
	memcpy(text, label, n); /* SELinux' ends with a zero, AppArmor's with a newline */
	text[n] = '\0';
	r = change_selinux(text, ret);
	return r > 0 ? r : change_apparmor(text, ret);
}

void isolate_domain_open(int least, struct isolate_domain *ret)
{
	_cleanup_fd_ int fd = open("/proc/self/attr/current", O_RDWR | O_CLOEXEC);
	char label[ISOLATE_DOMAIN_MAX];
	ssize_t n;

	*ret = (struct isolate_domain){ .fd = -1 };
	if (fd < 0) {
		/* its mode is 0666: a policy says so that does not know of this */
		ret->error = errno == EACCES ? -EACCES : 0;
		return;
	}
	/* the kernel takes what is written at the beginning alone; EINVAL: nobody gives labels */
	n = pread(fd, label, sizeof(label), 0);
	if (n > 0)
		ret->n = isolate_domain_change(label, (size_t)n, ret->change);
	if (ret->n == 0)
		return;
	ret->fd = fcntl(fd, F_DUPFD_CLOEXEC, least);
	ret->error = ret->fd < 0 ? -errno : 0;
}

int isolate_domain_enter(struct isolate_domain *domain)
{
	_cleanup_fd_ int fd = TAKE_FD(domain->fd);
	ssize_t n;

	if (fd < 0)
		return domain->error;
	n = pwrite(fd, domain->change, domain->n, 0);
	if (n < 0)
		return -errno;
	return (size_t)n == domain->n ? 0 : -EIO;
}
