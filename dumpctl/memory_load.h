/* SPDX-License-Identifier: MIT */
/*
 * The drop map of a stored dump; of an older one, which has none, what its program headers
 * tell.
 */
#pragma once

#include <stdbool.h>

#include "store/dump.h"
#include "store/memory_map.h"

/*
 * *ret_derived: it is from program headers, so what was left out is not in it. Return: 0, or
 * negative errno with *ret_reason, static text.
 */
int memory_load(struct dump *dump, struct memory_map *ret, bool *ret_derived,
		const char **ret_reason) _must_check_;
