/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "handler/report.h"

void report_init(struct report *report)
{
	memset(report, 0, sizeof(*report));
	report->magic = REPORT_MAGIC;
	report->namespace_pid = report->namespace_tid = -1;
	report->signal = -1;
	report->release = RELEASE_WAYS;
	report->hushed = true;
	report->planning = report->held = report->forbidden = -1;
}

void report_hush(struct report *report)
{
	report->hushed = true;
	memset(report->psargs, 0, sizeof(report->psargs));
}

void report_fault(struct report *report, const char *name)
{
	if (name[0])
		(void)snprintf(report->fault, sizeof(report->fault), "%s",
			       name); /* every name fits */
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

void report_release(struct report *report, enum release_way way, const char *reason)
{
	report->release = way;
	(void)snprintf(report->release_reason, sizeof(report->release_reason), "%s",
		       reason); /* cut is as good */
}

int report_send(int fd, const struct report *report)
{
	return io_write_full(fd, report, sizeof(*report));
}

int report_send_begun(int fd, const struct report *report)
{
	struct report begun = *report;

	begun.magic = REPORT_BEGUN;
	return report_send(fd, &begun);
}

static void end_texts(struct report *report)
{
	report->reason[sizeof(report->reason) - 1] = '\0';
	report->release_reason[sizeof(report->release_reason) - 1] = '\0';
	report->texts[sizeof(report->texts) - 1] = '\0';
	report->type[sizeof(report->type) - 1] = '\0';
	report->asked[sizeof(report->asked) - 1] = '\0';
	report->arch[sizeof(report->arch) - 1] = '\0';
	report->code_name[sizeof(report->code_name) - 1] = '\0';
	report->fault[sizeof(report->fault) - 1] = '\0';
	report->fname[sizeof(report->fname) - 1] = '\0';
	report->psargs[sizeof(report->psargs) - 1] = '\0';
	report->exe[sizeof(report->exe) - 1] = '\0';
	report->build_id[sizeof(report->build_id) - 1] = '\0';
	report->modules[sizeof(report->modules) - 1] = '\0';
	report->data_files[sizeof(report->data_files) - 1] = '\0';
}

int report_send_word(int fd, uint32_t word)
{
	return io_write_full(fd, &word, sizeof(word));
}

static bool is_valid(const struct report *report)
{
	return report->magic == REPORT_MAGIC && report->outcome < REPORT_OUTCOMES &&
	       report->release <= RELEASE_WAYS && report->size_dump <= INT64_MAX &&
	       report->size_core <= INT64_MAX && report->size_received <= INT64_MAX &&
	       report->size_memory <= INT64_MAX &&
	       report->size_header <= report->size_dump;
}

int report_check(struct report *report)
{
	if (!is_valid(report))
		return -EBADMSG;
	end_texts(report);
	return 0;
}

/* A word is in the place of a report's first. */
static void take_word(struct report_inbox *inbox)
{
	uint32_t word = inbox->report.magic;

	if (inbox->n != sizeof(word) || (word != REPORT_LET_GO && word != REPORT_TURNED))
		return;
	inbox->let_go |= word == REPORT_LET_GO;
	inbox->turned |= word == REPORT_TURNED;
	inbox->n = 0;
}

/* Of a whole one. Return: whether there is another to come. */
static bool take_begun(struct report_inbox *inbox)
{
	if (inbox->report.magic != REPORT_BEGUN)
		return false;
	inbox->report.magic = REPORT_MAGIC;
	if (!is_valid(&inbox->report))
		return false;
	end_texts(&inbox->report);
	inbox->begun = inbox->report;
	inbox->has_begun = true;
	inbox->n = 0;
	return true;
}

int report_take(int fd, struct report_inbox *inbox)
{
	size_t word = sizeof(inbox->report.magic);
	size_t want = inbox->n < word ? word : sizeof(inbox->report);
	ssize_t n = read(fd, (uint8_t *)&inbox->report + inbox->n, want - inbox->n);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (n == 0)
		return inbox->n == 0 ? -EPIPE : -EBADMSG;
	inbox->n += (size_t)n;
	take_word(inbox);
	if (inbox->n < sizeof(inbox->report) || take_begun(inbox))
		return 0;
	if (!is_valid(&inbox->report))
		return -EBADMSG;
	end_texts(&inbox->report);
	return 1;
}

int report_receive(int fd, struct report *ret)
{
	struct report_inbox inbox = { .n = 0 };
	int r;

	do {
		r = report_take(fd, &inbox);
	} while (r == 0);
	if (r < 0)
		return r;
	*ret = inbox.report;
	return 0;
}
