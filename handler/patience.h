/* SPDX-License-Identifier: MIT */
/*
 * A call that may hang where no signal ends it, such as one to a frozen file system: by a thread of its
 * own, which is left behind.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

/* context is the thread's until it is done: after -ETIMEDOUT it must stay, and must not be used. */
typedef void (*patience_call)(void *context);

/*
 * seconds: UINT64_MAX is for ever. Where no thread can be had the caller calls. Return: 0: it is done;
 * -ETIMEDOUT: it is not.
 */
int patience(patience_call call, void *context, uint64_t seconds) _must_check_;
