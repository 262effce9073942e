/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/*
 * Bytes of memory that programs can have without swapping: MemAvailable of /proc/meminfo
 * (mm/show_mem.c, si_mem_available()). 0 if it cannot be told.
 */
uint64_t available_memory(void);
