/* SPDX-License-Identifier: MIT */
/*
 * Words for people outside the record: on standard error where a person runs the handler, in
 * the journal, and where there is none, in the kernel's log.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"

/* Text may hold any bytes; it is escaped. to_stderr: see isolate_start(). */
void tell(bool to_stderr, const char *format, ...) _printf_(2, 3);

/* Only to standard error and the kernel's log: the journal is what failed. */
void tell_kernel(bool to_stderr, const char *format, ...) _printf_(2, 3);
