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

/* to_journal: the kernel's log gets it only where the journal does not. */
static void say(bool to_stderr, bool to_journal, const char *format, va_list arguments)
{
	_cleanup_free_ char *raw = NULL;
	_cleanup_free_ char *text = NULL;

	if (vasprintf(&raw, format, arguments) < 0) {
		raw = NULL;
		return;
	}
	text = escape_text(raw, strlen(raw));
	if (!text)
		return;
	if (to_stderr)
		write_stderr(text);
	if (!to_journal || journal_send_text(LOG_ERR, text) < 0)
		write_kernel(text);
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
