/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "config/directory.h"

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

const char *directory_parse(const char *text, char ret[PATH_MAX])
{
	size_t n = strlen(text);

	if (text[0] != '/')
		return "must be an absolute path";
	if (n >= PATH_MAX)
		return "must not be longer than a path may be";
	if (has_control(text))
		return "must not have control characters";
	/* One spelling: paths in the journal are compared with it. */
	while (n > 1 && text[n - 1] == '/')
		n--;
	memcpy(ret, text, n);
	ret[n] = '\0';
	return NULL;
}
