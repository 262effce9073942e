/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "dumpctl/json.h"
#include "store/json_text.h"

int json_put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) < 0 ? -ENOMEM : 0;
}

int json_print_row(json_t *row, bool first, FILE *out)
{
	_cleanup_free_ char *text = row ? json_text_print(row) : NULL;

	json_decref(row);
	if (!text)
		return -ENOMEM;
	fputs(first ? "\n" : ",\n", out); /* ferror() is asked at the end */
	fputs(text, out);
	return 0;
}
