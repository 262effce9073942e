/* SPDX-License-Identifier: MIT */
/*
 * What a debugger with a user of its own finds: nothing of root's environment, start-up files or credentials.
 */
#pragma once

#include <stdbool.h>

#include "dumpctl/debug_sysroot.h"

/*
 * In the child, when it is that user: the environment and the working directory. servers: what it takes to ask
 * debuginfod is kept. Return: 0, or negative errno after a message.
 */
int debug_environment(const struct debug_sysroot *temporary, bool servers) _must_check_;
