/* SPDX-License-Identifier: MIT */
/*
 * The way to the store, step by step, so that nobody but root decides where it leads. A directory
 * that another user can rename, or a link of theirs, would let them choose in which of root's
 * directories dumps appear.
 */
#pragma once

#include <sys/types.h>

#include "base/cleanup.h"

/*
 * Every step must belong to root (or the caller). A directory on the way must not be writable by
 * group or others, unless it is sticky: then what is root's stays in its place. Links on the way
 * are followed, the last step must be none. A missing last step is made with this mode.
 *
 * Return: a descriptor of the directory; -ELOOP: it is a link; -ENOTDIR; -ENOENT; -EPERM: the
 * directory itself is another's, or may be written by others; -EXDEV: one above it; or negative errno.
 */
int walk_open(const char *path, mode_t mode) _must_check_;
