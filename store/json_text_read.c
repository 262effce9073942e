/* SPDX-License-Identifier: MIT */
/* A file of its own: the handler's parent has no parser (tests/lint/parent). */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "store/json_text.h"

/* Of this thread's reading. jansson has no other place for it: its allocator gets no context. */
static _Thread_local bool no_memory;

static void *allocate(size_t n)
{
	void *p = malloc(n);

	if (!p)
		no_memory = true;
	return p;
}

int json_text_read(const char *text, size_t n, json_t **ret)
{
	json_t *json;

	json_set_alloc_funcs(allocate, free); /* what others allocated is freed alike */
	no_memory = false;
	json = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	if (json && !no_memory) {
		*ret = json;
		return 0;
	}
	json_decref(json);
	return no_memory ? -ENOMEM : -EBADMSG;
}
