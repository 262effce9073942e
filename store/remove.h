/* SPDX-License-Identifier: MIT */
/*
 * Removing a stored dump: whoever has it open, its space is free.
 */
#pragma once

#include <sys/stat.h>

#include "base/cleanup.h"

/*
 * Removes the file NAME below store_fd (one component), if device and inode are those that were found. The file is
 * truncated first. This frees its blocks, also where a user who may read the dump keeps it open. A file with a second
 * link is not truncated: an administrator has made that link to keep the dump. Return: 0; -ENOENT; -ESTALE: the name is another file's now; or
 * negative errno.
 */
int remove_dump(int store_fd, const char *name, const struct stat *found) _must_check_;
