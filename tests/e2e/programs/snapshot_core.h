/* SPDX-License-Identifier: MIT */
/*
 * The core that the kernel would write, without taking a byte of it: headers and notes are copied out of
 * the pipe by tee(2) and stay there for who reads it; memory comes from the process, page by page.
 */
#pragma once

#include "held_memory.h"

/* PIPE: the kernel's, unread. 0 or negative errno: -E2BIG, more notes than a pipe holds. */
int snapshot_core(const struct held_memory *held, int pipe, const char *path);
