/* SPDX-License-Identifier: MIT */
/*
 * argv -> arguments. Pure.
 *
 *   dumpd [--config=FILE] PID SIGNAL COMM [-dN -uN -gN -cN -tN -IN -FN]
 *
 * COMM is the crashed program's choice: any bytes, one argument, possibly "-d1". It stands
 * before the options, and of an option that comes twice the last counts, for only that one
 * can be the kernel's (core(5): before Linux 5.3 a space in %e made two arguments). An option
 * missing, empty (an old kernel does not know the specifier) or unreadable is unknown.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

#define ARGS_UNKNOWN (-1)

struct args {
	const char *config; /* NULL: the default file */
	int64_t pid; /* %P */
	int64_t signal; /* %s; ARGS_UNKNOWN if it is no number */
	const char *comm; /* %e */
	int64_t dumpable; /* -d%d */
	int64_t uid, gid; /* -u%u -g%g */
	int64_t rlimit; /* -c%c; INT64_MAX: unlimited */
	int64_t time; /* -t%t, seconds */
	int64_t tid; /* -I%I */
	int64_t pidfd; /* -F%F */
	bool doubtful; /* an option is repeated or unreadable: trust none */
};

/* Return: 0, or -EINVAL and *ret_reason (static text) says what is wrong. */
int args_parse(int argc, char **argv, struct args *ret, const char **ret_reason);
