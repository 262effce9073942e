/* SPDX-License-Identifier: MIT */
/*
 * Removing a stored dump: whoever has it open, its space is free.
 */
#pragma once

#include <sys/stat.h>

#include "base/cleanup.h"

/*
 * The file NAME below store_fd (one component), if device and inode are those that were found. It is truncated first:
 * its blocks are free then, even if a user who may read the dump keeps it open. A file with a second link is not
 * truncated, as that is an administrator's copy. Return: 0; -ENOENT; -ESTALE: the name is another file's now; or
 * negative errno.
 */
int remove_dump(int store_fd, const char *name, const struct stat *found) _must_check_;
