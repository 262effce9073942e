/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "handler/rate.h"
#include "handler/slot_share.h"

/* No user can put a process there; who runs in a container of there has what is its own. */
#define SYSTEM_SLICE "/system.slice/"

static void set_user(int64_t uid, struct slot_share *ret)
{
	ret->key = uid;
	if (uid < 0)
		(void)snprintf(ret->name, sizeof(ret->name),
			       "a user who is not known"); /* fits */
	else
		(void)snprintf(ret->name, sizeof(ret->name), "user %" PRId64,
			       uid); /* fits */
}

static void set_named(const char *kind, const char *name, struct slot_share *ret)
{
	ret->key = rate_container(name);
	(void)snprintf(ret->name, sizeof(ret->name), "%s %s", kind,
		       name); /* cut is as good */
}

void slot_share_find(const struct process *process,
		     const struct process_container *container, int64_t uid,
		     struct slot_share *ret)
{
	bool contained = !container->claimed && (container->pod[0] || container->runtime);

	*ret = (struct slot_share){ .key = -1 };
	if (process->owner_uid >= 0)
		set_user(process->owner_uid, ret);
	else if (contained && container->pod[0])
		set_named("pod", container->pod, ret);
	else if (contained)
		set_named("container", container->id, ret);
	else if (uid == 0 && process->unit)
		set_named("unit", process->unit, ret);
	else
		set_user(uid, ret);
	ret->system = !contained && process->cgroup &&
		      strncmp(process->cgroup, SYSTEM_SLICE, sizeof(SYSTEM_SLICE) - 1) ==
			      0;
}
