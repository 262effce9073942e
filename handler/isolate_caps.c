/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/capability.h>

#include "handler/isolate_caps.h"

#define CAPS_MAX 5

struct kept {
	size_t n;
	cap_value_t caps[CAPS_MAX];
};

/* With the reason for each in isolate.h. */
static const struct kept sets[] = {
	[ISOLATE_CAPS_READ] = { 5,
				{ CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_SETUID,
				  CAP_SETGID, CAP_KILL } },
	[ISOLATE_CAPS_CHILD] = { 3, { CAP_SETUID, CAP_SETGID, CAP_KILL } },
	[ISOLATE_CAPS_NONE] = { 0, { 0 } },
};

static void cap_freep(cap_t *caps)
{
	cap_free(*caps);
}

#define _cleanup_cap_ __attribute__((cleanup(cap_freep)))

static bool has(cap_t caps, cap_value_t cap, cap_flag_t set)
{
	cap_flag_value_t value = CAP_CLEAR;

	return cap_get_flag(caps, cap, set, &value) == 0 && value == CAP_SET;
}

/* What is to be left: of the set, what is there now. NULL: errno says why. */
static cap_t make_wanted(const struct kept *set, cap_t now)
{
	cap_t wanted = cap_init();

	for (size_t i = 0; wanted && i < set->n; i++) {
		const cap_value_t *cap = &set->caps[i];

		if (has(now, *cap, CAP_PERMITTED) &&
		    (cap_set_flag(wanted, CAP_PERMITTED, 1, cap, CAP_SET) < 0 ||
		     cap_set_flag(wanted, CAP_EFFECTIVE, 1, cap, CAP_SET) < 0)) {
			cap_free(wanted);
			return NULL;
		}
	}
	return wanted;
}

/* What an execve() could give back; no_new_privs, which is set before, says so a second time. */
static int empty_bounding_set(void)
{
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		if (cap_drop_bound(cap) < 0)
			return -errno;
		if (cap_get_bound(cap) != 0)
			return -EPERM;
	}
	return 0;
}

/*
 * A kernel before 4.3 has none. Nothing is ambient that is not inheritable (capabilities(7)), so what
 * set_and_verify() reads back is enough.
 */
static int empty_ambient_set(void)
{
	return cap_reset_ambient() < 0 && errno != EINVAL ? -errno : 0;
}

/* "An incomplete drop" is a flaw class of its own: what is left must be this, exactly. */
static int set_and_verify(cap_t wanted)
{
	_cleanup_cap_ cap_t left = NULL;

	if (cap_set_proc(wanted) < 0)
		return -errno;
	left = cap_get_proc();
	if (!left)
		return -errno;
	return cap_compare(left, wanted) == 0 ? 0 : -EPERM;
}

int isolate_caps_drop(enum isolate_caps keep)
{
	_cleanup_cap_ cap_t now = cap_get_proc();
	_cleanup_cap_ cap_t wanted = now ? make_wanted(&sets[keep], now) : NULL;
	int r = 0;

	if (!wanted)
		return -errno;
	if (has(now, CAP_SETPCAP, CAP_EFFECTIVE))
		r = empty_bounding_set();
	if (r == 0)
		r = empty_ambient_set();
	return r == 0 ? set_and_verify(wanted) : r;
}

bool isolate_caps_none(void)
{
	_cleanup_cap_ cap_t now = cap_get_proc();
	_cleanup_cap_ cap_t none = cap_init();

	return now && none && cap_compare(now, none) == 0;
}
