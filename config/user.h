/* SPDX-License-Identifier: MIT */
/*
 * The users that this machine itself has: /etc/passwd and nothing else. NSS would ask servers,
 * and load their plugins into the handler.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

#define USER_FILE "/etc/passwd"

/*
 * A uid in digits, or a name. Return: 0; -ENOENT (no such name), or another negative errno if
 * the file cannot be read.
 */
int user_find(const char *name, int64_t *ret_uid) _must_check_;
