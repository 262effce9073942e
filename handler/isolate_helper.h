/* SPDX-License-Identifier: MIT */
/*
 * A child of the parent's that looks at processes with its rights, for a moment: no worker, it reads no core.
 * Apart from handler/isolate.c, for dumpctl has a use for what is known of processes, and none for the rest.
 */
#pragma once

#include "base/cleanup.h"

/* In the child: it ends with the parent. Return: 0 or negative errno. */
int isolate_helper(void) _must_check_;
