/* SPDX-License-Identifier: MIT */
/*
 * A crash made on purpose, and the search for its dump: `dumpctl status --test`.
 */
#pragma once

#include "dumpctl/checks.h"

/* The name that the process has in the list of crashes. */
#define SELFTEST_NAME "dumpd-test"

/* Fills in the check: CHECK_OK if the crash was caught as the configuration says. */
void selftest_run(const struct machine *machine, struct check *ret);
