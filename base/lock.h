/* SPDX-License-Identifier: MIT */
/*
 * flock(2) with a patience: whoever has the lock may be stopped.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

/*
 * Lock the open file for this process alone. Who waits gets it in turn. usec: 0: do not wait.
 * Return: 0; -EAGAIN: others have it and had it until then; or negative errno.
 */
int lock_within(int fd, int64_t usec) _must_check_;
