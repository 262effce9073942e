/* SPDX-License-Identifier: MIT */
/*
 * Landlock (Linux 5.13, Documentation/userspace-api/landlock.rst): no file may be opened by its
 * name, no TCP port bound or connected to, no process outside signalled, whatever the ids would
 * allow. For handler/isolate.c alone. Descriptors that are open stay as they are.
 */
#pragma once

#include "base/cleanup.h"

/*
 * The calling thread, and those that it starts from here on; needs no_new_privs. Return: 0;
 * -ENOSYS, -EOPNOTSUPP: this kernel has none, or it is off; other negative errno.
 */
int isolate_landlock(void) _must_check_;
