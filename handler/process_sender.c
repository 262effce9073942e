/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <linux/nsfs.h>

#include "base/io.h"
#include "base/number.h"
#include "handler/process_names.h"
#include "handler/process_sender.h"
#include "handler/process_state.h"

/* Linux 6.11 (uapi/linux/nsfs.h): a process id of the descriptor's namespace, in the caller's. */
#ifndef NS_GET_TGID_FROM_PIDNS
#define NS_GET_TGID_FROM_PIDNS _IOR(NSIO, 0x7, int)
#endif

#define STATUS_MAX (16 << 10)

void process_sender_open(int dirfd, struct process_namespace *ret)
{
	_cleanup_fd_ int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	struct stat theirs, ours;

	ret->fd = openat(dirfd, "ns/pid", O_RDONLY | O_CLOEXEC);
	ret->ours = ret->fd >= 0 && own >= 0 && fstat(ret->fd, &theirs) == 0 &&
		    fstat(own, &ours) == 0 && theirs.st_dev == ours.st_dev &&
		    theirs.st_ino == ours.st_ino;
}

void process_sender_close(struct process_namespace *namespace)
{
	cleanup_fd(&namespace->fd);
	namespace->ours = false;
}

/* -1: nobody has this id there, or this kernel does not tell. */
static int64_t translate(const struct process_namespace *namespace, int64_t pid)
{
	if (namespace->ours)
		return pid;
	return namespace->fd < 0 ? -1
				 : ioctl(namespace->fd, NS_GET_TGID_FROM_PIDNS, (int)pid);
}

static int open_directory(const char *name)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%s", name); /* fits */
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int64_t user_of(int dirfd)
{
	_cleanup_free_ char *text = NULL;
	size_t n;

	if (io_read_file(dirfd, "status", STATUS_MAX, &text, &n) < 0)
		return -1;
	return process_status_number(text, "Uid:");
}

/* The kernel started the handler after the crash; who was there in an earlier tick, was before it. */
static bool started_before_us(int dirfd)
{
	_cleanup_fd_ int self = open_directory("self");
	int64_t ours = self < 0 ? -1 : process_state_started(self),
		theirs = process_state_started(dirfd);

	return theirs >= 0 && theirs < ours;
}

/* In another user namespace si_uid counts differently: there is nothing to hold it against. */
static bool same_user(const struct process *process, int64_t uid, int64_t said)
{
	return uid >= 0 &&
	       (process->credentials.namespace_owner != CREDENTIALS_OURS || uid == said);
}

/* What is read of a directory is of one process, or fails once that is gone: nothing is verified then. */
static void verify(const struct process *process, int64_t pid, struct record *record)
{
	_cleanup_fd_ int dirfd = -1;
	char name[16], *comm;
	int64_t uid;

	(void)snprintf(name, sizeof(name), "%d", (int)pid); /* fits */
	dirfd = open_directory(name);
	if (dirfd < 0 || !started_before_us(dirfd))
		return;
	uid = user_of(dirfd);
	if (!same_user(process, uid, record->sender_uid))
		return;
	comm = process_names_read_one(dirfd, "comm");
	if (!comm)
		return;
	record->sender_comm = comm;
	record->sender_pid = pid;
	record->sender_uid = uid;
	record->sender_verified = 1;
}

static bool is_kernels(const struct report *report)
{
	return report->signal_code == SI_USER || report->signal_code == SI_TKILL;
}

void process_sender_record(const struct process *process, const struct report *report,
			   struct record *record)
{
	int64_t said = report->sender_pid, pid;

	if (!report->has_siginfo || !report->has_sender)
		return;
	record->sender_pid = said;
	record->sender_uid = report->sender_uid;
	record->sender_verified = 0;
	if (said == report->namespace_pid) {
		record->sender_pid = record->pid;
		return;
	}
	if (!process->known || !is_kernels(report) || said <= 0 || said > INT32_MAX)
		return;
	pid = translate(&process->pid_namespace, said);
	if (pid > 0 && pid != record->pid)
		verify(process, pid, record);
}
