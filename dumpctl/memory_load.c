/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "dumpctl/memory_headers.h"
#include "dumpctl/memory_load.h"
#include "store/dump_map.h"

int memory_load(struct dump *dump, struct memory_map *ret, bool *ret_derived,
		const char **ret_reason)
{
	int r = dump_memory_map(dump, ret, ret_reason);

	*ret_derived = r == -ENOENT;
	return r == -ENOENT ? memory_headers(dump, ret, ret_reason) : r;
}
