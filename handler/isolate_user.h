/* SPDX-License-Identifier: MIT */
/*
 * Users that have no rights, and becoming one of them. For handler/isolate*.c alone.
 */
#pragma once

#include "handler/isolate.h"

/*
 * A user of /etc/passwd by name; neither root nor of root's group. Return: 0 or -ENOENT.
 */
int isolate_user_find(const char *name, struct isolate_user *ret) _must_check_;

/* All ids, and no further groups; read back. Return: 0, -EPERM: it is not exactly that, or negative errno. */
int isolate_user_become(const struct isolate_user *user) _must_check_;
