/* SPDX-License-Identifier: MIT */
/*
 * Whose the crashed process is: its ids and capabilities now, and those it was started with.
 * The core's notes are not asked: their ids count in the process' namespaces.
 *
 * What it has now is the kernel's own word in /proc, in the handler's user namespace where not
 * said otherwise. What it was started with is of its auxiliary vector, which the kernel writes
 * at execve(2), but which the process may change, without any right (PR_SET_MM_MAP of prctl(2)),
 * and a fork has its parent's. So these facts may refuse access, and never give it
 * (handler/access.h). Who changes them to be refused no more is code of that process, which
 * may read all of its memory anyway, or somebody who may trace it, and so may read it too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/* A fact that could not be had. */
#define CREDENTIALS_UNKNOWN (-1)

/* Owner of the user namespace, where that is the handler's own. */
#define CREDENTIALS_OURS (-2)

/* Real, effective, saved, of file access: as in the lines of /proc/PID/status. */
#define CREDENTIALS_IDS 4

struct credentials {
	/* Of the crashing thread. */
	int64_t uid[CREDENTIALS_IDS], gid[CREDENTIALS_IDS];
	int64_t capable; /* 1: it may use a capability, in its user namespace */
	int64_t threads; /* 1: every other thread has the same: handler/process_threads.h */

	/* At the last execve(2), as its user namespace of then has them, or as it says itself. */
	int64_t started_uid, started_euid, started_gid, started_egid;
	int64_t secure; /* AT_SECURE: 1, the program had more rights than who started it */
	/* The first two as its user namespace of now maps them to ids of the handler's; they may not be mapped. */
	int64_t started_host_uid, started_host_gid;

	/*
	 * Who made the user namespace, the outermost below the handler's: there the kernel
	 * gives them every capability (security/commoncap.c). Or CREDENTIALS_OURS.
	 */
	int64_t namespace_owner;
	int64_t pid_namespace_owner; /* likewise of its PID namespace; root's: 0 */
};

/* Nothing is known. */
void credentials_init(struct credentials *credentials);

/* /proc/PID/status, and the bytes of auxv. Leaves the threads, and what is of namespaces. */
void credentials_parse(const char *status, const char *auxv, size_t n,
		       struct credentials *ret);

/* What is of namespaces, after the above. dirfd: /proc/PID, or the directory of a thread. */
void credentials_read_namespaces(int dirfd, struct credentials *credentials);

/*
 * An id of a user namespace as the reader of its map has it. map: the text of /proc/PID/uid_map or gid_map
 * (user_namespaces(7)). CREDENTIALS_UNKNOWN: it is not mapped.
 */
int64_t credentials_map_id(const char *map, int64_t id);
