/* SPDX-License-Identifier: MIT */
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/cleanup.h"
#include "dumpctl/terminal.h"

int terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

bool terminal_colours(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	/* no-color.org: set to anything but nothing */
	return isatty(STDOUT_FILENO) && !(no && no[0]) && term &&
	       strcmp(term, "dumb") != 0;
}

bool terminal_utf8(void)
{
	bool utf8 = setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	(void)setlocale(LC_CTYPE, "C.UTF-8"); /* it is always there */
	return utf8;
}
