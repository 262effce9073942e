/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "handler/access.h"

/* An unknown id is nobody's: it equals nothing. */
static bool all_are(const int64_t ids[CREDENTIALS_IDS], int64_t id)
{
	for (size_t i = 0; i < CREDENTIALS_IDS; i++) {
		if (ids[i] == CREDENTIALS_UNKNOWN || ids[i] != id)
			return false;
	}
	return true;
}

static bool is_configured(const struct access_facts *facts)
{
	return !facts->to_owner;
}

static bool is_doubtful(const struct access_facts *facts)
{
	return facts->doubtful;
}

static bool is_still_written(const struct access_facts *facts)
{
	return facts->worker_left;
}

static bool has_no_mode(const struct access_facts *facts)
{
	return facts->dumpable == ARGS_UNKNOWN;
}

/*
 * The kernel's own judgement. It says no for programs with more rights than who started them,
 * for those that may not be read, and for those that changed their ids.
 */
static bool is_not_dumpable(const struct access_facts *facts)
{
	return facts->dumpable != 1;
}

/* (uid_t)-1 is no user, but an argument that means none. */
static bool has_no_user(const struct access_facts *facts)
{
	return facts->uid < 0 || facts->uid >= UINT32_MAX || facts->gid < 0 ||
	       facts->gid >= UINT32_MAX;
}

static bool is_roots(const struct access_facts *facts)
{
	return facts->uid == 0;
}

static bool is_unverified(const struct access_facts *facts)
{
	return !facts->verified;
}

static bool has_no_facts(const struct access_facts *facts)
{
	const struct credentials *c = &facts->credentials;
	const int64_t needed[] = {
		c->uid[CREDENTIALS_IDS - 1],
		c->gid[CREDENTIALS_IDS - 1],
		c->capable,
		c->started_uid,
		c->started_euid,
		c->started_gid,
		c->started_egid,
		c->secure,
		c->threads,
		c->namespace_owner,
		c->pid_namespace_owner,
	};

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (needed[i] == CREDENTIALS_UNKNOWN)
			return true;
	}
	return false;
}

/*
 * A program with privileges may call itself dumpable again by prctl(2), and with
 * fs.suid_dumpable=1 the kernel calls it so. AT_SECURE stays, unless the program's own code changes
 * it: see handler/credentials.h.
 */
static bool is_secure(const struct access_facts *facts)
{
	return facts->credentials.secure != 0;
}

static bool ids_differ(const struct access_facts *facts)
{
	return !all_are(facts->credentials.uid, facts->uid) ||
	       !all_are(facts->credentials.gid, facts->gid);
}

/*
 * Rights are a thread's: what one of them read, by a capability that the others have not, is in the memory of all
 * (libcap's calls change the calling thread alone).
 */
static bool threads_differ(const struct access_facts *facts)
{
	return facts->credentials.threads != 1;
}

static bool is_inside(const struct access_facts *facts)
{
	return facts->credentials.namespace_owner != CREDENTIALS_OURS;
}

/* As the ids of the handler's namespace count. */
static bool started_as(const struct access_facts *facts, int64_t uid, int64_t gid)
{
	return uid >= 0 && uid == facts->uid && gid == facts->gid;
}

/*
 * A daemon that began as root and gave that up has root's secrets still, and often calls
 * itself dumpable again.
 */
static bool was_another(const struct access_facts *facts)
{
	const struct credentials *c = &facts->credentials;

	if (c->started_uid != c->started_euid || c->started_gid != c->started_egid)
		return true;
	return !is_inside(facts) && !started_as(facts, c->started_uid, c->started_gid);
}

/* In a user namespace of the user's own, capabilities are no more than the user has there. */
static bool is_capable(const struct access_facts *facts)
{
	return facts->credentials.capable != 0 && !is_inside(facts);
}

/*
 * A container of somebody else's has their secrets, whatever ids are in use in it. Who made the namespace has all
 * rights over whoever is in it, with subordinate ids, too.
 */
static bool is_anothers_namespace(const struct access_facts *facts)
{
	return is_inside(facts) && (facts->credentials.namespace_owner <= 0 ||
				    facts->credentials.namespace_owner >= UINT32_MAX);
}

/* A container that root made, without a user namespace: its uid 1000 is not the host's user 1000. */
static bool is_in_anothers_pids(const struct access_facts *facts)
{
	const struct credentials *c = &facts->credentials;

	return c->pid_namespace_owner != CREDENTIALS_OURS &&
	       c->pid_namespace_owner != access_reader(facts);
}

/*
 * The auxiliary vector counts as the namespace of the last execve(2) does, which is not known. Either that was the
 * handler's own, and then they are the user's ids; or it was started inside, by ids that are mapped: but there root is
 * 0 as well, and a daemon of root's can give that up, and make a namespace then in which it is 0 again. So where it was
 * started inside it must be in a session of who made the namespace, which no service of the system is.
 */
static bool was_started_outside(const struct access_facts *facts)
{
	const struct credentials *c = &facts->credentials;
	bool before = started_as(facts, c->started_uid, c->started_gid) &&
		      c->namespace_owner == facts->uid;
	bool mapped = c->started_host_uid >= 0 && c->started_host_gid >= 0;

	return is_inside(facts) && !before &&
	       (!mapped || facts->session_owner != c->namespace_owner);
}

int64_t access_reader(const struct access_facts *facts)
{
	return is_inside(facts) ? facts->credentials.namespace_owner : facts->uid;
}

static const struct {
	bool (*refuses)(const struct access_facts *facts);
	const char *reason;
} rules[ACCESS_COUNT] = {
	[ACCESS_CONFIGURED] = { is_configured, "Access=root is configured" },
	[ACCESS_DOUBTFUL] = { is_doubtful,
			      "an option of core_pattern comes twice or is unreadable" },
	[ACCESS_WORKER_LEFT] = { is_still_written,
				 "the worker has not ended, and may still write to the "
				 "dump" },
	[ACCESS_NO_MODE] = { has_no_mode,
			     "the kernel was not asked for the dump mode: -d%d" },
	[ACCESS_NOT_DUMPABLE] = { is_not_dumpable,
				  "the kernel says that the process has, or had, more "
				  "rights than its user, or may not be read" },
	[ACCESS_NO_USER] = { has_no_user,
			     "the kernel was not asked for user and group: -u%u -g%g" },
	[ACCESS_ROOTS] = { is_roots, "the process was root's" },
	[ACCESS_UNVERIFIED] = { is_unverified,
				"no pidfd confirms that what /proc says is of this "
				"process: -F%F" },
	[ACCESS_NO_FACTS] = { has_no_facts,
			      "/proc does not tell all ids of the process" },
	[ACCESS_SECURE] = { is_secure,
			    "the program was started with more rights than its "
			    "user has" },
	[ACCESS_IDS] = { ids_differ,
			 "the process had ids of more than one user or group" },
	[ACCESS_THREADS] = { threads_differ,
			     "not all threads of the process had the same ids and "
			     "capabilities" },
	[ACCESS_STARTED] = { was_another,
			     "the program was started by another user or group" },
	[ACCESS_CAPABLE] = { is_capable, "the process had capabilities" },
	[ACCESS_NAMESPACE] = { is_anothers_namespace,
			       "the process was in a user namespace of another user" },
	[ACCESS_PID_NAMESPACE] = { is_in_anothers_pids,
				   "the process was in a PID namespace of another user, "
				   "as in a container" },
	[ACCESS_INSIDE] = { was_started_outside,
			    "the process was in a user namespace, and neither its "
			    "user's before that, nor in a login session of who made it" },
	[ACCESS_NO_LISTS] = { NULL,
			      "the store's file system has no access control lists" },
};

enum access access_decide(const struct access_facts *facts)
{
	for (enum access i = 0; i < ACCESS_COUNT; i++) {
		if (rules[i].refuses && rules[i].refuses(facts))
			return i;
	}
	return ACCESS_OWNER;
}

const char *access_reason(enum access access)
{
	return rules[access].reason;
}

/* /user.slice/user-1000.slice/session-2.scope, or user@1000.service: systemd makes them, as root. */
static int64_t session_owner(const struct process *process)
{
	static const char manager[] = "user@";
	const char *unit = process->unit;
	bool in_manager = unit && strncmp(unit, manager, sizeof(manager) - 1) == 0;

	return process->session || in_manager ? process->owner_uid : -1;
}

void access_collect(bool to_owner, const struct args *args, const struct process *process,
		    struct access_facts *ret)
{
	*ret = (struct access_facts){
		.to_owner = to_owner,
		.doubtful = args->doubtful,
		.dumpable = args->dumpable,
		.uid = args->uid,
		.gid = args->gid,
		.verified = process->verified,
		.credentials = process->credentials,
		.session_owner = session_owner(process),
	};
}
