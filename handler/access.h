/* SPDX-License-Identifier: MIT */
/*
 * Who may read a dump. Pure.
 *
 * A dump is for root, and for the user of the process if everything says that the process was
 * theirs, and theirs alone, from its start to its end: what ptrace(2) would have let an ordinary
 * program of the user read, and less where the kernel's own facts are in doubt. The user of a process with a
 * subordinate id (subuid(5)), as a rootless container has them, is who made its user namespace. A fact that is
 * missing is a no (CVE-2022-4415, CVE-2025-4598, CVE-2025-5054 and their kind were yeses).
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "handler/args.h"
#include "handler/process.h"

/* Why the user may read the dump, or why not; the first that holds. */
enum access {
	ACCESS_OWNER, /* may */
	ACCESS_CONFIGURED,
	ACCESS_DOUBTFUL,
	ACCESS_WORKER_LEFT,
	ACCESS_NO_MODE,
	ACCESS_NOT_DUMPABLE,
	ACCESS_NO_USER,
	ACCESS_ROOTS,
	ACCESS_UNVERIFIED,
	ACCESS_NO_FACTS,
	ACCESS_SECURE,
	ACCESS_IDS,
	ACCESS_THREADS,
	ACCESS_STARTED,
	ACCESS_CAPABLE,
	ACCESS_NAMESPACE,
	ACCESS_PID_NAMESPACE,
	ACCESS_INSIDE,
	ACCESS_NO_LISTS, /* found out by whoever gives access, not by the rule */
	ACCESS_COUNT,
};

struct access_facts {
	bool to_owner; /* Access=owner */
	bool doubtful; /* an option came twice, or is unreadable */
	bool worker_left; /* a worker of this crash has not ended */
	int64_t dumpable, uid, gid; /* %d, %u, %g; ARGS_UNKNOWN */
	bool verified; /* of the following: the pidfd says that they are this process' */
	struct credentials credentials;
	int64_t session_owner; /* of the login session, or user@.service, that it was in; -1: it was in none */
};

enum access access_decide(const struct access_facts *facts) _must_check_;

/* Who may, where the answer is ACCESS_OWNER. */
int64_t access_reader(const struct access_facts *facts);

/* For people, static: why not; NULL for ACCESS_OWNER. */
const char *access_reason(enum access access);

/* The facts of one crash. */
void access_collect(bool to_owner, const struct args *args, const struct process *process,
		    struct access_facts *ret);
