/* SPDX-License-Identifier: MIT */
/*
 * Numbers in texts of /proc, which are lines of fields (proc(5)). Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "filter/bytes.h"

/*
 * The digits from *at on, which *at moves behind. base: 10, or 16 in small letters. Return: false: there are none, or
 * the number is above UINT64_MAX.
 */
bool proc_text_digits(struct bytes text, size_t *at, unsigned int base,
		      uint64_t *ret) _must_check_;
