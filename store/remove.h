/* SPDX-License-Identifier: MIT */
/*
 * Removing a stored dump: whoever has it open, its space is free.
 */
#pragma once

#include <sys/stat.h>

#include "base/cleanup.h"

/*
 * The file NAME below store_fd (one component), if it is the one that was found: device and inode. It is emptied first,
 * as a user who may read a dump can keep it open, and its blocks with it, for as long as they like; not where it has
 * another name, too: that is an administrator's copy. Return: 0; -ENOENT; -ESTALE: the name is another file's now; or
 * negative errno.
 */
int remove_dump(int store_fd, const char *name, const struct stat *found) _must_check_;
