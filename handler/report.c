/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/io.h"
#include "handler/report.h"

void report_init(struct report *report)
{
	memset(report, 0, sizeof(*report));
	report->magic = REPORT_MAGIC;
	report->namespace_pid = report->namespace_tid = -1;
	report->signal = -1;
	report->planning = report->held = report->forbidden = -1;
}

void report_say(struct report *report, const char *format, ...)
{
	size_t n = strlen(report->reason), room = sizeof(report->reason) - n;
	va_list arguments;

	if (n > 0 && room > 1) {
		report->reason[n++] = '\n';
		room--;
	}
	va_start(arguments, format);
	(void)vsnprintf(report->reason + n, room, format, arguments); /* cut is as good */
	va_end(arguments);
}

int report_send(int fd, const struct report *report)
{
	return io_write_full(fd, report, sizeof(*report));
}

static void end_texts(struct report *report)
{
	report->reason[sizeof(report->reason) - 1] = '\0';
	report->texts[sizeof(report->texts) - 1] = '\0';
	report->type[sizeof(report->type) - 1] = '\0';
	report->asked[sizeof(report->asked) - 1] = '\0';
	report->arch[sizeof(report->arch) - 1] = '\0';
	report->fname[sizeof(report->fname) - 1] = '\0';
	report->psargs[sizeof(report->psargs) - 1] = '\0';
	report->exe[sizeof(report->exe) - 1] = '\0';
}

int report_receive(int fd, struct report *ret)
{
	ssize_t n = io_read_full(fd, ret, sizeof(*ret));

	if (n < 0)
		return (int)n;
	if (n == 0)
		return -EPIPE;
	if ((size_t)n != sizeof(*ret) || ret->magic != REPORT_MAGIC ||
	    ret->outcome >= REPORT_OUTCOMES || ret->size_dump > INT64_MAX ||
	    ret->size_core > INT64_MAX || ret->size_received > INT64_MAX ||
	    ret->size_memory > INT64_MAX || ret->size_header > ret->size_dump)
		return -EBADMSG;
	end_texts(ret);
	return 0;
}
