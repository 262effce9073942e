/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "dumpctl/json.h"

int json_put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) < 0 ? -ENOMEM : 0;
}

int json_print_row(json_t *row, bool first, FILE *out)
{
	if (!row)
		return -ENOMEM;
	fputs(first ? "\n" : ",\n", out);
	(void)json_dumpf(row, out, JSON_COMPACT); /* ferror() is asked at the end */
	json_decref(row);
	return 0;
}
