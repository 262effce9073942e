/* SPDX-License-Identifier: MIT */
/*
 * Who may read a stored file beside root, by an access control list; the only file that knows
 * libacl.
 */
#pragma once

#include <sys/types.h>

#include "base/cleanup.h"

/*
 * The file belongs to its owner as before, and this one user may read it; no group may, whatever the
 * directory's default list says. All of it holds at once, or nothing. Return: 0; -ENOTSUP: the
 * file system knows no lists; or negative errno.
 */
int grant_read(int file_fd, uid_t reader) _must_check_;
