/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <syslog.h>

#include "base/escape.h"
#include "base/io.h"
#include "handler/tell.h"
#include "store/journal.h"

/* kernel/printk: a longer record is refused (PRINTKRB_RECORD_MAX less its prefix). */
#define KMSG_MAX 900

/* What is said where there is no memory for more: with its prefix it fits there. */
#define SHORT_MAX 800

static void write_stderr(const char *text)
{
	(void)fprintf(stderr, "dumpd: %s\n",
		      text); /* nowhere left to tell of a failure */
}

static void write_kernel(const char *text)
{
	_cleanup_fd_ int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	char line[KMSG_MAX];

	if (fd < 0)
		return;
	(void)snprintf(line, sizeof(line), "<%d>dumpd: %s", LOG_DAEMON | LOG_ERR, text);
	if (io_write_full(fd, line, strlen(line)) < 0)
		return; /* the last resort has failed */
}

/* Without memory: what is no plain letter becomes '?'. */
static void make_plain(char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

/* Return: a new string, escaped; NULL without memory. */
_printf_(1, 0) static char *make_text(const char *format, va_list arguments)
{
	_cleanup_free_ char *raw = NULL;

	if (vasprintf(&raw, format, arguments) < 0) {
		raw = NULL;
		return NULL;
	}
	return escape_text(raw, strlen(raw));
}

/* to_journal: the kernel's log gets it only where the journal does not. */
_printf_(3, 0) static void say(bool to_stderr, bool to_journal, const char *format,
			       va_list arguments)
{
	_cleanup_free_ char *text = NULL;
	char line[SHORT_MAX];
	const char *said;
	va_list again;

	va_copy(again, arguments);
	text = make_text(format, arguments);
	if (!text) {
		(void)vsnprintf(line, sizeof(line), format, again); /* cut is as good */
		make_plain(line);
	}
	va_end(again);
	said = text ? text : line;
	if (to_stderr)
		write_stderr(said);
	if (!to_journal || journal_send_text(LOG_ERR, said) < 0)
		write_kernel(said);
}

void tell(bool to_stderr, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(to_stderr, true, format, arguments);
	va_end(arguments);
}

void tell_kernel(bool to_stderr, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(to_stderr, false, format, arguments);
	va_end(arguments);
}
