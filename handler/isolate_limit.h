/* SPDX-License-Identifier: MIT */
/*
 * A limit of this process that it cannot raise again. For handler/isolate*.c alone.
 */
#pragma once

#include <sys/resource.h>

#include "base/cleanup.h"

/* The lower one of `most` and of what is there counts, soft and hard. Return: 0 or negative errno. */
int isolate_limit(__rlimit_resource_t resource, rlim_t most) _must_check_;
