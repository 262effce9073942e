/* SPDX-License-Identifier: MIT */
/*
 * The kernel's settings that decide about crashes, read and written in /proc/sys.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"

#define SYSCTL_VALUE_MAX 128

enum sysctl {
	SYSCTL_CORE_PATTERN,
	SYSCTL_CORE_PIPE_LIMIT,
	SYSCTL_SUID_DUMPABLE,
	SYSCTL_COUNT,
};

struct sysctl_values {
	char value[SYSCTL_COUNT][SYSCTL_VALUE_MAX];
};

/* "kernel.core_pattern", as in sysctl.d(5). */
const char *sysctl_name(enum sysctl which);

/* Without the newline. Return: 0, -E2BIG, or negative errno. */
int sysctl_read(enum sysctl which, char ret[SYSCTL_VALUE_MAX]) _must_check_;
int sysctl_write(enum sysctl which, const char *value) _must_check_;
/* Could it be written? Changes nothing. Return: 0 or negative errno. */
int sysctl_writable(enum sysctl which) _must_check_;

/* All of them; *ret_which is the one that failed. Return: 0 or negative errno. */
int sysctl_read_all(struct sysctl_values *ret, enum sysctl *ret_which) _must_check_;
/* Writes and reads back: -EIO is a value that the kernel changed without a word. */
int sysctl_write_all(const struct sysctl_values *values,
		     enum sysctl *ret_which) _must_check_;
