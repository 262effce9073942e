/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "dumpctl/dropin.h"
#include "dumpctl/pattern.h"
#include "dumpctl/saved.h"
#include "dumpctl/setup_state.h"
#include "dumpctl/setup_undo.h"

/* A pattern whose program was removed since: with it, the kernel would lose every crash. */
static bool program_is_gone(const char *text)
{
	struct pattern pattern;

	pattern_recognise(text, &pattern);
	return pattern.handler[0] && access(pattern.handler, F_OK) < 0 && errno == ENOENT;
}

/* Put one value back, unless somebody else has changed it since. */
static int restore(enum sysctl which, const struct saved *saved, const char *now)
{
	const char *before = saved->before.value[which];
	int r;

	if (which == SYSCTL_CORE_PATTERN && program_is_gone(before)) {
		printf("not put back: kernel.core_pattern was '%s', and that program is gone\n",
		       before);
		before = "core";
	}

	if (strcmp(now, before) == 0)
		return 0;
	if (strcmp(now, saved->set.value[which]) != 0) {
		printf("left alone: %s was changed since, to '%s' (before setup it was '%s')\n",
		       sysctl_name(which), now, before);
		return 0;
	}
	r = sysctl_write(which, before);
	if (r < 0)
		return setup_fail("%s could not be put back to '%s': %s",
				  sysctl_name(which), before, strerror(-r));
	printf("%s is '%s' again\n", sysctl_name(which), before);
	return 0;
}

static int restore_all(const struct saved *saved, const struct sysctl_values *now)
{
	if (setup_check_writable() < 0)
		return -1;
	for (enum sysctl i = 0; i < SYSCTL_COUNT; i++)
		if (restore(i, saved, now->value[i]) < 0)
			return -1;
	return 0;
}

static int remove_files(const struct saved *saved)
{
	int r = dropin_remove();

	if (r < 0)
		return setup_fail("cannot remove %s: %s", DROPIN_FILE, strerror(-r));
	r = saved->masked ? dropin_unmask() : 0;
	if (r < 0)
		return setup_fail("cannot remove %s: %s", DROPIN_MASK, strerror(-r));
	r = saved_remove();
	if (r < 0)
		return setup_fail("cannot remove %s: %s", SAVED_FILE, strerror(-r));
	return 0;
}

int setup_undo(bool offline)
{
	struct sysctl_values now;
	struct saved saved;
	bool earlier;

	if (setup_check_root() < 0 ||
	    setup_read_state(offline, &now, &saved, &earlier) < 0)
		return 1;
	if (!earlier) {
		setup_fail("there is no setup to undo: %s is missing", SAVED_FILE);
		return 1;
	}
	if (!offline && restore_all(&saved, &now) < 0)
		return 1;
	if (remove_files(&saved) < 0)
		return 1;
	puts("setup is undone; stored dumps stay where they are");
	return 0;
}
