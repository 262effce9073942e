/* SPDX-License-Identifier: MIT */
/*
 * Of COVERAGE=1 alone, linked into everything with --wrap (Makefile): gcov counts in memory and writes on
 * exit(). The handler's worker and the children of unit tests end by _exit(), and would have done nothing.
 */
#include <gcov.h>
#include <unistd.h>

#include "base/cleanup.h"

_noreturn_ void __real__exit(int status);
_noreturn_ void __wrap__exit(int status);
void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
