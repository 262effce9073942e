/* SPDX-License-Identifier: MIT */
/*
 * The journal, written and read; the only room that knows libsystemd's sd-journal.
 * Field names and the MESSAGE_ID are systemd-coredump's (systemd.journal-fields(7),
 * coredumpctl(1)), so that coredumpctl, `systemctl status` and others read our entries.
 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "store/record.h"

#define JOURNAL_MESSAGE_ID "fc2e22bc6ee647b6b90729ab34a250b1"

/* A field that is only in the journal: COREDUMP_PROC_MAPS and the like, raw bytes. */
struct journal_extra {
	const char *name;
	const void *bytes;
	size_t n;
};

/*
 * Send one entry. Waits for journald a second at most. Return: 0; -ENOTCONN: nobody listens;
 * -ETIMEDOUT; or negative errno.
 */
int journal_send_crash(const struct record *record, const struct journal_extra *extra,
		       size_t extra_count) _must_check_;

/* A line for people, syslog priority 0 to 7, no crash. Errors as above. */
int journal_send_text(int priority, const char *text) _must_check_;

/* Called for every crash entry that dumpd wrote, oldest first. Takes over the record. */
typedef int (*journal_visit)(void *context, struct record *record);

/*
 * Visit dumpd's entries. Only entries count whose trusted fields say that root sent them over
 * the journal's own socket (_UID=0, _TRANSPORT=journal): all others are anybody's.
 * Return: 0, what visit returned, or negative errno (-ENOENT: no journal here).
 */
int journal_each_crash(journal_visit visit, void *context) _must_check_;
