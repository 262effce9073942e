/* SPDX-License-Identifier: MIT */
/*
 * A system call that waits, ended after a time: it returns EINTR. For a process with one thread, and
 * one call at a time. The alarm repeats, for the first one may come just before the call.
 */
#pragma once

#include <signal.h>
#include <stdint.h>

#include "base/cleanup.h"

/* What was there before. */
struct alarm {
	struct sigaction before;
};

/* usec: at least 1. Return: 0 or negative errno; then nothing was changed. */
int alarm_start(int64_t usec, struct alarm *ret) _must_check_;
void alarm_stop(const struct alarm *alarm);
