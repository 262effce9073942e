/* SPDX-License-Identifier: MIT */
/*
 * A child of the parent's that looks at processes with its rights, for a moment: no worker, it reads no core.
 * Apart from handler/isolate.c, for dumpctl has a use for what is known of processes, and none for the rest.
 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"

/* Close all descriptors from first to last, both included. Return: 0 or negative errno. */
int isolate_close(int first, int last) _must_check_;

#define ISOLATE_HELPER_FDS 4

/*
 * In the child: it ends with the parent, and of its descriptors only fds stay open, at most so many, and standard
 * output and error. Not the core's pipe, for which the process is held, nor a slot, which others wait for: a
 * child that hangs keeps neither. Return: 0 or negative errno.
 */
int isolate_helper(const int *fds, size_t n) _must_check_;
