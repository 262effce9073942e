/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/escape.h"
#include "store/json_text.h"

int json_text_bytes(const json_t *value, char **ret, size_t *ret_n)
{
	_cleanup_free_ char *bytes = NULL;

	if (!json_is_string(value))
		return -EBADMSG;
	errno = 0;
	bytes = escape_text_undo(json_string_value(value), ret_n);
	if (!bytes)
		return errno == ENOMEM ? -ENOMEM : -EBADMSG;
	if (memchr(bytes, '\0', *ret_n))
		return -EBADMSG;
	*ret = TAKE_PTR(bytes);
	return 0;
}
