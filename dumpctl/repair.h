/* SPDX-License-Identifier: MIT */
/*
 * The store's mode put right, if the directory is dumpd's alone.
 */
#pragma once

#include <sys/types.h>

#include "base/cleanup.h"

/*
 * Give the store STORE_MODE (store/publish.h); what is stricter stays. Only a directory of the caller's
 * with nothing but dumps in it is changed: Directory= may name one that others need as it is.
 * Return: 1 repaired, *ret_before was its mode; 0 nothing to do; -EPERM: the mode is another
 * and stays; or negative errno.
 */
int store_repair(const char *directory, mode_t *ret_before) _must_check_;
