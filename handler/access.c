/* SPDX-License-Identifier: MIT */
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
		c->namespace_owner,
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
 * A daemon that began as root and gave that up has root's secrets still, and often calls
 * itself dumpable again. In another user namespace the numbers are of there, but who is who
 * is the same.
 */
static bool was_another(const struct access_facts *facts)
{
	const struct credentials *c = &facts->credentials;

	if (c->started_uid != c->started_euid || c->started_gid != c->started_egid)
		return true;
	return c->namespace_owner == CREDENTIALS_OURS &&
	       (c->started_uid != facts->uid || c->started_gid != facts->gid);
}

/* In a user namespace of the user's own, capabilities are no more than the user has there. */
static bool is_capable(const struct access_facts *facts)
{
	return facts->credentials.capable != 0 &&
	       facts->credentials.namespace_owner == CREDENTIALS_OURS;
}

/* A container of somebody else's has their secrets, whatever ids are in use in it. */
static bool is_anothers_namespace(const struct access_facts *facts)
{
	return facts->credentials.namespace_owner != CREDENTIALS_OURS &&
	       facts->credentials.namespace_owner != facts->uid;
}

static const struct {
	bool (*refuses)(const struct access_facts *facts);
	const char *reason;
} rules[ACCESS_COUNT] = {
	[ACCESS_CONFIGURED] = { is_configured, "Access=root is configured" },
	[ACCESS_DOUBTFUL] = { is_doubtful,
			      "an option of core_pattern comes twice or is unreadable" },
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
	[ACCESS_STARTED] = { was_another,
			     "the program was started by another user or group" },
	[ACCESS_CAPABLE] = { is_capable, "the process had capabilities" },
	[ACCESS_NAMESPACE] = { is_anothers_namespace,
			       "the process was in a user namespace of another user" },
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
	};
}
