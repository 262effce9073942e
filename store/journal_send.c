/* SPDX-License-Identifier: MIT */
/*
 * One crash as one journal entry, by sd_journal_sendv(3).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <systemd/sd-journal.h>

#include "base/alarm.h"
#include "base/escape.h"
#include "store/journal.h"

/* journald takes 1,024 fields at most (journald-native.c); we have far fewer. */
#define FIELDS_MAX 128

#define SOCKET_PATH "/run/systemd/journal/socket"

struct fields {
	struct iovec iov[FIELDS_MAX];
	int count;
};

static void fields_done(struct fields *fields)
{
	for (int i = 0; i < fields->count; i++)
		free(fields->iov[i].iov_base);
}

/* NAME=bytes; binary values are sd_journal_sendv's own business. */
static int add(struct fields *fields, const char *name, const void *bytes, size_t n)
{
	size_t prefix = strlen(name) + 1;
	char *field;

	if (fields->count == FIELDS_MAX)
		return -E2BIG;
	field = malloc(prefix + n);
	if (!field)
		return -ENOMEM;
	memcpy(field, name, prefix - 1);
	field[prefix - 1] = '=';
	if (n > 0)
		memcpy(field + prefix, bytes, n);
	fields->iov[fields->count].iov_base = field;
	fields->iov[fields->count++].iov_len = prefix + n;
	return 0;
}

static int add_text(struct fields *fields, const char *name, const char *text)
{
	return add(fields, name, text, strlen(text));
}

/* systemctl status and coredumpctl take RLIM_INFINITY as the number it is. */
static int add_number(struct fields *fields, const char *name, int64_t number)
{
	char text[24];
	uint64_t shown = number == RECORD_UNLIMITED ? UINT64_MAX : (uint64_t)number;
	bool negative = number < 0;

	(void)snprintf(text, sizeof(text), "%s%" PRIu64, negative ? "-" : "",
		       negative ? -(uint64_t)number : shown);
	return add_text(fields, name, text);
}

/*
 * coredumpctl passes over an entry without a user or a group; nobody (the kernel's overflow
 * id) stands there for one that is not known. DUMPD_VERIFIED and the file do not say so.
 */
static int64_t number_for_journal(const struct record *record,
				  const struct record_field *field)
{
	int64_t number = record_number(record, field);

	if (number != RECORD_UNKNOWN)
		return number;
	if (strcmp(field->journal, "COREDUMP_UID") == 0 ||
	    strcmp(field->journal, "COREDUMP_GID") == 0)
		return 65534;
	return RECORD_UNKNOWN;
}

static int add_record(struct fields *fields, const struct record *record)
{
	int r = 0;

	for (size_t i = 0; i < record_field_count && r == 0; i++) {
		const struct record_field *field = &record_fields[i];

		if (!field->journal)
			continue;
		if (field->kind == RECORD_TEXT) {
			const char *text = record_text(record, field);

			r = text ? add_text(fields, field->journal, text) : 0;
		} else if (number_for_journal(record, field) != RECORD_UNKNOWN) {
			r = add_number(fields, field->journal,
				       number_for_journal(record, field));
		}
	}
	return r;
}

static int add_message(struct fields *fields, const struct record *record)
{
	const char *raw = record->comm ? record->comm : "unknown";
	_cleanup_free_ char *comm = escape_text(raw, strlen(raw));
	_cleanup_free_ char *message = NULL;
	char user[24] = "unknown";

	if (record->uid != RECORD_UNKNOWN)
		(void)snprintf(user, sizeof(user), "%" PRId64, record->uid); /* fits */
	if (!comm ||
	    asprintf(&message, "Process %" PRId64 " (%s) of user %s %s%s%s", record->pid,
		     comm, user,
		     record->filename
			     ? "dumped core."
			     : "terminated abnormally without generating a coredump.",
		     record->reason ? "\n\n" : "",
		     record->reason ? record->reason : "") < 0)
		return -ENOMEM;
	return add_text(fields, "MESSAGE", message);
}

/* sd_journal_sendv says 0 when there is no journald: ask for a listener first. */
static int listening(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SOCKET_PATH };
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -ENOTCONN;
	return 0;
}

/* A stopped journald with a full socket would hold sendmsg for ever. */
static int send_within_a_second(const struct fields *fields)
{
	struct alarm alarm;
	int r = alarm_start(1000000, &alarm);

	if (r < 0)
		return r;
	r = sd_journal_sendv(fields->iov, fields->count);
	alarm_stop(&alarm);
	return r == -EINTR ? -ETIMEDOUT : r;
}

int journal_send_crash(const struct record *record, const struct journal_extra *extra,
		       size_t extra_count)
{
	struct fields fields = { .count = 0 };
	int r = listening();

	if (r == 0)
		r = add_text(&fields, "MESSAGE_ID", JOURNAL_MESSAGE_ID);
	if (r == 0)
		r = add_text(&fields, "PRIORITY",
			     "2"); /* LOG_CRIT, as systemd-coredump */
	if (r == 0)
		r = add_text(&fields, "SYSLOG_IDENTIFIER", "dumpd");
	if (r == 0)
		r = add_message(&fields, record);
	if (r == 0)
		r = add_record(&fields, record);
	for (size_t i = 0; i < extra_count && r == 0; i++)
		r = add(&fields, extra[i].name, extra[i].bytes, extra[i].n);
	if (r == 0)
		r = send_within_a_second(&fields);
	fields_done(&fields);
	return r;
}

int journal_send_text(int priority, const char *text)
{
	struct fields fields = { .count = 0 };
	int r = listening();

	if (r == 0)
		r = add_number(&fields, "PRIORITY", priority);
	if (r == 0)
		r = add_text(&fields, "SYSLOG_IDENTIFIER", "dumpd");
	if (r == 0)
		r = add_text(&fields, "MESSAGE", text);
	if (r == 0)
		r = send_within_a_second(&fields);
	fields_done(&fields);
	return r;
}
