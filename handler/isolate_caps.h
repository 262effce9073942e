/* SPDX-License-Identifier: MIT */
/*
 * Capabilities, by libcap. For handler/isolate.c alone, which says who has which, and why.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"

enum isolate_caps {
	ISOLATE_CAPS_READ, /* what it takes to read a crashed process, and to start a worker */
	ISOLATE_CAPS_CHILD, /* to end it, and to start one that mends what it wrote */
	ISOLATE_CAPS_NONE,
};

/*
 * Drop all but these. What is not there is not missed: in a container it may not be. The
 * inheritable and the ambient set get empty; the bounding set does, if CAP_SETPCAP allows it.
 * All of it is read back. Return: 0, -EPERM if more is left, or negative errno.
 */
int isolate_caps_drop(enum isolate_caps keep) _must_check_;

/* Whether the calling thread has none. */
bool isolate_caps_none(void);
