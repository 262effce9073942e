/* SPDX-License-Identifier: MIT */
#include <sched.h>

#include "base/processors.h"

/*
 * The kernel refuses (EINVAL) a set that has no place for all that it was built for, and that may
 * be more than the 1,024 of cpu_set_t: 8,192 on x86 and POWER.
 */
#define SETS 32

unsigned int processors_count(unsigned int otherwise)
{
	cpu_set_t sets[SETS];
	int n;

	if (sched_getaffinity(0, sizeof(sets), sets) < 0)
		return otherwise;
	n = CPU_COUNT_S(sizeof(sets), sets);
	return n < 1 ? 1 : (unsigned int)n;
}
