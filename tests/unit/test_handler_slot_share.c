/* SPDX-License-Identifier: MIT */
/*
 * For whom a crash takes its slot.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/table.h"

#include "handler/rate.h"
#include "handler/slot_share.h"

#define ID "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"

struct row {
	const char *name;
	const char *cgroup, *unit;
	int64_t owner, uid;
	int64_t key; /* a user */
	const char *of; /* or of what has a name; NULL */
	const char *shown;
	bool system;
};

static const struct row rows[] = {
	{ "session", "/user.slice/user-1000.slice/session-2.scope", "session-2.scope",
	  1000, 1000, 1000, NULL, "user 1000", false },
	{ "session, as a subordinate id", "/user.slice/user-1000.slice/session-2.scope",
	  "session-2.scope", 1000, 165536, 1000, NULL, "user 1000", false },
	{ "session of root's", "/user.slice/user-0.slice/session-1.scope",
	  "session-1.scope", 0, 0, 0, NULL, "user 0", false },
	{ "session, as root by sudo", "/user.slice/user-1000.slice/session-2.scope",
	  "session-2.scope", 1000, 0, 1000, NULL, "user 1000", false },
	{ "rootless container",
	  "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope",
	  "user@1000.service", 1000, 165536, 1000, NULL, "user 1000", false },
	{ "a user's system.slice",
	  "/user.slice/user-1000.slice/user@1000.service/system.slice/a.service",
	  "user@1000.service", 1000, 1000, 1000, NULL, "user 1000", false },
	{ "service of a user's", "/system.slice/a.service", "a.service", -1, 33, 33, NULL,
	  "user 33", true },
	{ "service of root's", "/system.slice/a.service", "a.service", -1, 0, 0,
	  "a.service", "unit a.service", true },
	{ "another slice", "/machine.slice/a.service", "a.service", -1, 0, 0, "a.service",
	  "unit a.service", false },
	{ "a name that begins like it", "/system.slices/a.service", "a.service", -1, 0, 0,
	  "a.service", "unit a.service", false },
	{ "container", "/system.slice/docker-" ID ".scope", "docker-" ID ".scope", -1, 0,
	  0, ID, "container " ID, false },
	{ "container, not as root", "/system.slice/docker-" ID ".scope",
	  "docker-" ID ".scope", -1, 1000, 0, ID, "container " ID, false },
	{ "pod", "/kubepods.slice/kubepods-pod1b2c.slice/cri-containerd-" ID ".scope",
	  NULL, -1, 0, 0, "1b2c", "pod 1b2c", false },
	{ "no control group, root", NULL, NULL, -1, 0, 0, NULL, "user 0", false },
	{ "no control group", NULL, NULL, -1, 1000, 1000, NULL, "user 1000", false },
	{ "nothing is known", NULL, NULL, -1, -1, -1, NULL, "a user who is not known",
	  false },
};

static void test(void **state)
{
	const struct row *row = *state;
	struct process process = {
		.cgroup = (char *)(uintptr_t)row->cgroup,
		.unit = (char *)(uintptr_t)row->unit,
		.owner_uid = row->owner,
	};
	struct process_container container;
	struct slot_share share;

	process_container_find(row->cgroup, &container);
	slot_share_find(&process, &container, row->uid, &share);
	assert_int_equal(share.key, row->of ? rate_container(row->of) : row->key);
	assert_string_equal(share.name, row->shown);
	assert_int_equal(share.system, row->system);
}

int main(void)
{
	return RUN_TABLE(rows, test);
}
