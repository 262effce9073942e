/* SPDX-License-Identifier: MIT */
/*
 * Asking a program what it is.
 */
#pragma once

#include "base/cleanup.h"

/* More than a handler needs to print its version, even on a machine under load. */
#define ANSWER_MS 2000

/*
 * Is the program dumpd's handler: is it HANDLER_PATH, or does it answer --version with
 * "dumpd ..."? Runs it, so it must be one that the caller may run (program_trusted).
 * Return: 0; -ENOEXEC: it is another program; -ETIMEDOUT; or negative errno.
 */
int answers_as_handler(const char *path) _must_check_;
