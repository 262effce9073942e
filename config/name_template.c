/* SPDX-License-Identifier: MIT */
/*
 * Checks a template before a crash does: what the template itself holds reaches the file name
 * as it is, only what specifiers stand for is escaped.
 */
#include <stdbool.h>
#include <string.h>

#include "config/name_template.h"
#include "config/settings.h"

static bool printable(const char *text)
{
	for (; *text; text++) {
		if (*text <= ' ' || *text > '~')
			return false;
	}
	return true;
}

static const char *check_specifiers(const char *text)
{
	while ((text = strchr(text, '%'))) {
		if (text[1] == '\0')
			return "must not end in a single % (%% is a percent sign)";
		if (!strchr(NAME_TEMPLATE_SPECIFIERS, text[1]))
			return "must not have unknown specifiers; known are %% %c %C %d "
			       "%e %E %f %g %h "
			       "%i %I %p %P %s %t %u %B %T";
		text += 2;
	}
	return NULL;
}

const char *name_template_check(const char *name_template)
{
	if (name_template[0] == '\0')
		return "must not be empty";
	if (name_template[0] == '.')
		return "must not begin with '.'";
	if (strlen(name_template) > NAME_TEMPLATE_MAX)
		return "must not be longer than 128 bytes";
	if (strchr(name_template, '/'))
		return "must not have a '/'; directories are for Directory";
	if (!printable(name_template))
		return "must be printable ASCII without spaces";
	return check_specifiers(name_template);
}

_Static_assert(NAME_TEMPLATE_MAX == 128, "the text above says 128");
