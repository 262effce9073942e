/* SPDX-License-Identifier: MIT */
/*
 * The end of a debugger that had a user of its own: what it left, processes and files, is hostile. What that user
 * may end and remove is ended and removed with that user's rights, by a child, so that no link in a path that
 * is walked, and no number of a process, can lead root astray.
 */
#pragma once

#include "base/cleanup.h"
#include "handler/isolate.h"

/*
 * End those children of this process that are that user's, and theirs, and remove the user's directory. Waits for all
 * that ended. Return: 0, -EBUSY: something is left, or negative errno.
 */
int debug_home_remove(const char *home, const struct isolate_user *user) _must_check_;
