/* SPDX-License-Identifier: MIT */
/*
 * The drop map out of a stored dump.
 */
#pragma once

#include "store/dump.h"
#include "store/memory_map.h"

/*
 * Return: 0; -ENOENT: the dump has none; -ENODATA: the file is cut; -EBADMSG: the map is
 * damaged, or of a later version; -ENOMEM; or negative errno. *ret_reason: static text.
 */
int dump_memory_map(const struct dump *dump, struct memory_map *ret,
		    const char **ret_reason) _must_check_;
