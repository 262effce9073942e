/* SPDX-License-Identifier: MIT */
/*
 * Whose the crashed process is: its ids and capabilities now, and those it was started with.
 * All is the kernel's own word in /proc, in the handler's user namespace where not said
 * otherwise. The core's notes are not asked: their ids count in the process' namespaces.
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
	int64_t uid[CREDENTIALS_IDS], gid[CREDENTIALS_IDS];
	int64_t capable; /* 1: it may use a capability, in its user namespace */

	/* At the last execve(2), as its user namespace of then has them. */
	int64_t started_uid, started_euid, started_gid, started_egid;
	int64_t secure; /* AT_SECURE: 1, the program had more rights than who started it */

	/*
	 * Who made the user namespace, the outermost below the handler's: there the kernel
	 * gives them every capability (security/commoncap.c). Or CREDENTIALS_OURS.
	 */
	int64_t namespace_owner;
};

/* Nothing is known. */
void credentials_init(struct credentials *credentials);

/* /proc/PID/status, and the bytes of auxv. Leaves namespace_owner. */
void credentials_parse(const char *status, const char *auxv, size_t n,
		       struct credentials *ret);

/* namespace_owner. dirfd: /proc/PID, or the directory of a thread. */
int64_t credentials_namespace_owner(int dirfd);
