/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/io.h"
#include "store/json_text.h"
#include "store/record_list.h"

static int add(FILE *out, const char *bytes, size_t n)
{
	_cleanup_free_ char *text = escape_text(bytes, n);

	if (!text)
		return -ENOMEM;
	fprintf(out, "%s\n", text);
	return 0;
}

char *record_list_make(const char *bytes, size_t n)
{
	char *list = NULL;
	size_t size;
	FILE *out = open_memstream(&list, &size);
	int r = 0;

	if (!out)
		return NULL;
	for (size_t at = 0; at < n && r == 0;) {
		size_t length = strnlen(bytes + at, n - at);

		r = add(out, bytes + at, length);
		at += length + 1;
	}
	list = io_close_text(out, &list);
	if (r < 0) {
		free(list);
		return NULL;
	}
	return list;
}

json_t *record_list_json(const char *list)
{
	json_t *array = json_array();

	while (array && *list) {
		size_t n = strcspn(list, "\n");

		if (json_array_append_new(array, json_stringn(list, n)) < 0) {
			json_decref(array);
			return NULL;
		}
		list += n + (list[n] == '\n');
	}
	return array;
}

static int read_element(FILE *out, const json_t *element)
{
	_cleanup_free_ char *bytes = NULL;
	size_t n;
	int r = json_text_bytes(element, &bytes, &n);

	return r < 0 ? r : add(out, bytes, n);
}

int record_list_read(const json_t *array, char **ret)
{
	char *list = NULL;
	size_t size, i;
	json_t *element;
	FILE *out;
	int r = 0;

	if (!json_is_array(array))
		return -EBADMSG;
	out = open_memstream(&list, &size);
	if (!out)
		return -ENOMEM;
	json_array_foreach((json_t *)array, i, element)
	{
		r = read_element(out, element);
		if (r < 0)
			break;
	}
	list = io_close_text(out, &list);
	if (r == 0 && !list)
		r = -ENOMEM;
	if (r < 0) {
		free(list);
		return r;
	}
	free(*ret);
	*ret = list;
	return 0;
}
