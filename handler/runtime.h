/* SPDX-License-Identifier: MIT */
/*
 * The directory of what holds until the next boot: slots and counts. Root's alone, so that nobody
 * can hold a lock of it or forge a count.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"

/*
 * make: where it is missing and its parent is there. Return: a descriptor or negative errno:
 * -ELOOP, -ENOTDIR: it is something else; -EPERM: it is not root's (or the caller's), or others may
 * use it.
 */
int runtime_open(const char *directory, bool make) _must_check_;

/* A file in it, of mode 0600, made if it is missing. Return: a descriptor or negative errno. */
int runtime_file(int runtime_fd, const char *name) _must_check_;
