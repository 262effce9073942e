/* SPDX-License-Identifier: MIT */
/*
 * What `dumpctl setup` and its --undo both ask before they change anything, and how they say
 * what is wrong.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "dumpctl/saved.h"
#include "dumpctl/sysctl.h"

/* To standard error, as "dumpctl setup: ...". Return: -1. */
int setup_fail(const char *format, ...) _printf_(1, 2);

/* Return: 0, or -1 after saying what is in the way. */
int setup_check_root(void) _must_check_;
int setup_check_writable(void) _must_check_;

/*
 * What is in force now, and what was remembered of it. *ret_earlier: was there a setup? With
 * offline, what is in force in this kernel is another system's: then it is what an earlier setup
 * wanted, or what a kernel starts with. Return as above.
 */
int setup_read_state(bool offline, struct sysctl_values *ret_now, struct saved *ret_saved,
		     bool *ret_earlier) _must_check_;
