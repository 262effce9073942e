/* SPDX-License-Identifier: MIT */
/*
 * Who may read a dump: a row for every fact that says no, and for pairs of which the first counts.
 */
#include <string.h>

#include "tests/unit/table.h"

#include "handler/access.h"

#define USER  1000
#define GROUP 2000
#define IDS(n)                     \
	{                          \
		(n), (n), (n), (n) \
	}
#define PLAIN                                                                         \
	.to_owner = true, .dumpable = 1, .uid = USER, .gid = GROUP, .verified = true, \
	.session_owner = -1, .credentials = OWN
#define OWN                                                                             \
	{                                                                               \
		.uid = IDS(USER), .gid = IDS(GROUP), .capable = 0, .started_uid = USER, \
		.started_euid = USER, .started_gid = GROUP, .started_egid = GROUP,      \
		.secure = 0, .threads = 1, .namespace_owner = CREDENTIALS_OURS,         \
		.pid_namespace_owner = CREDENTIALS_OURS, .started_host_uid = -1,        \
		.started_host_gid = -1                                                  \
	}
/* The root of a user namespace that the user made, in a session. */
#define INSIDE                                                                       \
	.credentials.started_uid = 0, .credentials.started_euid = 0,                 \
	.credentials.started_gid = 0, .credentials.started_egid = 0,                 \
	.credentials.capable = 1, .credentials.namespace_owner = USER,               \
	.credentials.started_host_uid = USER, .credentials.started_host_gid = GROUP, \
	.session_owner = USER
/* A service of a rootless container: subordinate ids, a PID namespace. */
#define SUBORDINATE 100999
#define ROOTLESS                                        \
	INSIDE, .uid = SUBORDINATE, .gid = SUBORDINATE, \
		.credentials.uid = IDS(SUBORDINATE),    \
		.credentials.gid = IDS(SUBORDINATE),    \
		.credentials.pid_namespace_owner = USER

struct row {
	const char *name;
	struct access_facts facts;
	enum access access; /* ACCESS_OWNER: USER may */
};

/* A row is the plain process with a fact or two changed: that is what the rows are for. */
#pragma GCC diagnostic ignored "-Woverride-init"

static const struct row rows[] = {
	{ "plain", { PLAIN }, ACCESS_OWNER },
	{ "Access=root", { PLAIN, .to_owner = false }, ACCESS_CONFIGURED },
	{ "an option twice", { PLAIN, .doubtful = true }, ACCESS_DOUBTFUL },
	{ "the worker is left behind",
	  { PLAIN, .worker_left = true },
	  ACCESS_WORKER_LEFT },
	{ "short pattern: no -d", { PLAIN, .dumpable = ARGS_UNKNOWN }, ACCESS_NO_MODE },
	{ "-d0", { PLAIN, .dumpable = 0 }, ACCESS_NOT_DUMPABLE },
	{ "-d2", { PLAIN, .dumpable = 2 }, ACCESS_NOT_DUMPABLE },
	{ "no -u", { PLAIN, .uid = ARGS_UNKNOWN }, ACCESS_NO_USER },
	{ "no -g", { PLAIN, .gid = ARGS_UNKNOWN }, ACCESS_NO_USER },
	{ "-u4294967295", { PLAIN, .uid = UINT32_MAX }, ACCESS_NO_USER },
	{ "-g4294967295", { PLAIN, .gid = UINT32_MAX }, ACCESS_NO_USER },
	{ "root's", { PLAIN, .uid = 0 }, ACCESS_ROOTS },
	{ "no pidfd", { PLAIN, .verified = false }, ACCESS_UNVERIFIED },

	{ "Uid: cut", { PLAIN, .credentials.uid[3] = -1 }, ACCESS_NO_FACTS },
	{ "Uid: half of it", { PLAIN, .credentials.uid[1] = -1 }, ACCESS_IDS },
	{ "Gid: cut", { PLAIN, .credentials.gid[3] = -1 }, ACCESS_NO_FACTS },
	{ "no CapPrm", { PLAIN, .credentials.capable = -1 }, ACCESS_NO_FACTS },
	{ "no AT_UID", { PLAIN, .credentials.started_uid = -1 }, ACCESS_NO_FACTS },
	{ "no AT_EUID", { PLAIN, .credentials.started_euid = -1 }, ACCESS_NO_FACTS },
	{ "no AT_GID", { PLAIN, .credentials.started_gid = -1 }, ACCESS_NO_FACTS },
	{ "no AT_EGID", { PLAIN, .credentials.started_egid = -1 }, ACCESS_NO_FACTS },
	{ "no AT_SECURE", { PLAIN, .credentials.secure = -1 }, ACCESS_NO_FACTS },
	{ "no threads", { PLAIN, .credentials.threads = -1 }, ACCESS_NO_FACTS },
	{ "no PID namespace",
	  { PLAIN, .credentials.pid_namespace_owner = -1 },
	  ACCESS_NO_FACTS },
	{ "no namespace", { PLAIN, .credentials.namespace_owner = -1 }, ACCESS_NO_FACTS },

	{ "AT_SECURE", { PLAIN, .credentials.secure = 1 }, ACCESS_SECURE },
	{ "AT_SECURE is 2", { PLAIN, .credentials.secure = 2 }, ACCESS_SECURE },
	{ "another real uid", { PLAIN, .credentials.uid[0] = 1001 }, ACCESS_IDS },
	{ "another effective uid", { PLAIN, .credentials.uid[1] = 0 }, ACCESS_IDS },
	{ "another saved uid", { PLAIN, .credentials.uid[2] = 0 }, ACCESS_IDS },
	{ "another fs uid", { PLAIN, .credentials.uid[3] = 0 }, ACCESS_IDS },
	{ "another real gid", { PLAIN, .credentials.gid[0] = 0 }, ACCESS_IDS },
	{ "another effective gid", { PLAIN, .credentials.gid[1] = 42 }, ACCESS_IDS },
	{ "another saved gid", { PLAIN, .credentials.gid[2] = 42 }, ACCESS_IDS },
	{ "another fs gid", { PLAIN, .credentials.gid[3] = 42 }, ACCESS_IDS },
	{ "all are another's", { PLAIN, .credentials.uid = IDS(1001) }, ACCESS_IDS },
	{ "%u is another's", { PLAIN, .uid = 1001 }, ACCESS_IDS },
	{ "%g is another's", { PLAIN, .gid = 1001 }, ACCESS_IDS },
	{ "started by root, and dumpable again",
	  { PLAIN, .credentials.started_uid = 0, .credentials.started_euid = 0 },
	  ACCESS_STARTED },
	{ "started with another effective uid",
	  { PLAIN, .credentials.started_euid = 0 },
	  ACCESS_STARTED },
	{ "started by another group",
	  { PLAIN, .credentials.started_gid = 0, .credentials.started_egid = 0 },
	  ACCESS_STARTED },
	{ "started with another effective gid",
	  { PLAIN, .credentials.started_egid = 42 },
	  ACCESS_STARTED },
	{ "a thread with other rights",
	  { PLAIN, .credentials.threads = 0 },
	  ACCESS_THREADS },
	{ "capabilities", { PLAIN, .credentials.capable = 1 }, ACCESS_CAPABLE },

	{ "root of a namespace of theirs", { PLAIN, INSIDE }, ACCESS_OWNER },
	{ "the same, of no session",
	  { PLAIN, INSIDE, .session_owner = -1 },
	  ACCESS_INSIDE },
	{ "the same, of another's session",
	  { PLAIN, INSIDE, .session_owner = 1001 },
	  ACCESS_INSIDE },
	{ "the same, whose uid is not mapped",
	  { PLAIN, INSIDE, .credentials.started_host_uid = -1 },
	  ACCESS_INSIDE },
	{ "the same, whose gid is not mapped",
	  { PLAIN, INSIDE, .credentials.started_host_gid = -1 },
	  ACCESS_INSIDE },
	{ "started before it was made",
	  { PLAIN, .credentials.namespace_owner = USER },
	  ACCESS_OWNER },
	{ "started before, by another group",
	  { PLAIN, .credentials.namespace_owner = USER, .credentials.started_gid = 5,
	    .credentials.started_egid = 5 },
	  ACCESS_INSIDE },
	{ "dropped root, nothing mapped",
	  { PLAIN, .credentials.namespace_owner = USER, .credentials.started_uid = 0,
	    .credentials.started_euid = 0, .credentials.started_gid = 0,
	    .credentials.started_egid = 0 },
	  ACCESS_INSIDE },
	{ "of root's",
	  { PLAIN, INSIDE, .credentials.namespace_owner = 0 },
	  ACCESS_NAMESPACE },
	{ "not their root, but root's",
	  { PLAIN, .credentials.namespace_owner = 0 },
	  ACCESS_NAMESPACE },
	{ "of nobody's that is known",
	  { PLAIN, INSIDE, .credentials.namespace_owner = UINT32_MAX },
	  ACCESS_NAMESPACE },
	{ "rootless container", { PLAIN, ROOTLESS }, ACCESS_OWNER },
	{ "rootless container, of no session",
	  { PLAIN, ROOTLESS, .session_owner = -1 },
	  ACCESS_INSIDE },
	{ "a service in it that changed its ids",
	  { PLAIN, ROOTLESS, .credentials.started_uid = 33,
	    .credentials.started_euid = 33, .credentials.started_host_uid = 100032 },
	  ACCESS_OWNER },
	{ "root's container with the host's ids",
	  { PLAIN, .credentials.pid_namespace_owner = 0 },
	  ACCESS_PID_NAMESPACE },
	{ "a namespace of theirs in root's container",
	  { PLAIN, INSIDE, .credentials.pid_namespace_owner = 0 },
	  ACCESS_PID_NAMESPACE },
	{ "a PID namespace of another's",
	  { PLAIN, INSIDE, .credentials.pid_namespace_owner = 1001 },
	  ACCESS_PID_NAMESPACE },
	{ "a PID namespace of theirs",
	  { PLAIN, INSIDE, .credentials.pid_namespace_owner = USER },
	  ACCESS_OWNER },
	{ "a setuid program inside",
	  { PLAIN, INSIDE, .credentials.secure = 1 },
	  ACCESS_SECURE },
	{ "started as another inside",
	  { PLAIN, INSIDE, .credentials.started_euid = 5 },
	  ACCESS_STARTED },
	{ "a group of another inside",
	  { PLAIN, INSIDE, .credentials.started_egid = 5 },
	  ACCESS_STARTED },

	{ "Access=root before all",
	  { .to_owner = false, .doubtful = true },
	  ACCESS_CONFIGURED },
	{ "nothing is known",
	  { .to_owner = true, .dumpable = -1, .uid = -1, .gid = -1 },
	  ACCESS_NO_MODE },
	{ "all is 0",
	  { .to_owner = true, .dumpable = 1, .verified = true },
	  ACCESS_ROOTS },
};

static void test_decide(void **state)
{
	const struct row *row = *state;

	assert_int_equal(access_decide(&row->facts), row->access);
	if (row->access == ACCESS_OWNER)
		assert_int_equal(access_reader(&row->facts), USER);
}

/* Every no is told, in words of its own; the yes needs none. */
static void test_reasons(void **state)
{
	(void)state;
	assert_null(access_reason(ACCESS_OWNER));
	for (enum access i = ACCESS_OWNER + 1; i < ACCESS_COUNT; i++) {
		assert_non_null(access_reason(i));
		for (enum access j = ACCESS_OWNER + 1; j < i; j++)
			assert_string_not_equal(access_reason(i), access_reason(j));
	}
}

/* No row is missing: each reason of the rule is the answer of one. */
static void test_all_rules(void **state)
{
	(void)state;
	for (enum access i = 0; i < ACCESS_NO_LISTS; i++) {
		size_t answers = 0;

		for (size_t row = 0; row < ARRAY_SIZE(rows); row++)
			answers += rows[row].access == i;
		assert_true(answers > 0);
	}
}

/*
 * The auxiliary vector is the process' own word. Whatever it says, it opens nothing that the kernel's
 * facts keep closed.
 */
static void test_own_word(void **state)
{
	static const int64_t said[] = { -1, 0, 1, USER, GROUP };
	const struct row *row = *state;
	struct access_facts facts = row->facts;
	struct credentials *c = &facts.credentials;
	int64_t *const members[] = { &c->started_uid, &c->started_euid, &c->started_gid,
				     &c->started_egid, &c->secure };
	bool may_open = row->access == ACCESS_OWNER || row->access == ACCESS_NO_FACTS ||
			row->access == ACCESS_SECURE || row->access == ACCESS_STARTED ||
			row->access == ACCESS_INSIDE;

	for (size_t i = 0; i < 5 * 5 * 5 * 5 * 5; i++) {
		enum access access;

		for (size_t m = 0, rest = i; m < ARRAY_SIZE(members); m++, rest /= 5)
			*members[m] = said[rest % 5];
		access = access_decide(&facts);
		if (!may_open)
			assert_int_not_equal(access, ACCESS_OWNER);
		if (c->secure != 0 || c->started_uid != c->started_euid)
			assert_int_not_equal(access, ACCESS_OWNER);
	}
}

/* A process of which nothing could be read, and arguments of the short form. */
static void test_collect(void **state)
{
	static const char *const argv[] = { "dumpd", "7", "11", "x", NULL };
	struct access_facts facts;
	struct process process;
	struct args args;
	const char *reason;

	(void)state;
	process_init(&process);
	assert_int_equal(args_parse(4, (char **)(uintptr_t)argv, &args, &reason), 0);
	access_collect(true, &args, &process, &facts);
	assert_int_equal(access_decide(&facts), ACCESS_NO_MODE);
	args.dumpable = 1;
	args.uid = USER;
	args.gid = GROUP;
	access_collect(true, &args, &process, &facts);
	assert_int_equal(access_decide(&facts), ACCESS_UNVERIFIED);
	process.verified = true;
	access_collect(true, &args, &process, &facts);
	assert_int_equal(access_decide(&facts), ACCESS_NO_FACTS);
	process.credentials = (struct credentials)OWN;
	access_collect(true, &args, &process, &facts);
	assert_int_equal(access_decide(&facts), ACCESS_OWNER);
	access_collect(false, &args, &process, &facts);
	assert_int_equal(access_decide(&facts), ACCESS_CONFIGURED);
	args.doubtful = true;
	access_collect(true, &args, &process, &facts);
	assert_int_equal(access_decide(&facts), ACCESS_DOUBTFUL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_all_rules),
		cmocka_unit_test(test_collect),
	};
	int failed = RUN_TABLE(rows, test_decide);

	failed += RUN_TABLE(rows, test_own_word);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
