/* SPDX-License-Identifier: MIT */
/*
 * What the worker tells the parent, over a pipe: one fixed struct with what is known before memory is
 * written, words as something happens, and the struct once more at the end. The worker has read hostile
 * bytes, so the parent takes nothing in it for granted: report_take() checks it, and never waits for bytes
 * that are not there.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "handler/capture_release.h"

#define REPORT_MAGIC 0x31705264u /* "dRp1": parent and worker are one binary */
#define REPORT_BEGUN \
	0x62705264u /* "dRpb": of the first struct, which says how far it has come */
#define REPORT_LET_GO 0x6c705264u /* "dRpl": a word: the crashed process was let go */
#define REPORT_TURNED \
	0x74705264u /* "dRpt": the header in the file is not true of what follows */
#define REPORT_REASON  1024
#define REPORT_RELEASE 128
#define REPORT_TEXTS   4096 /* four of the longest */
#define REPORT_MODULES 32768 /* 300 lines of usual length: see store/modules.h */
#define REPORT_DATA    4096 /* 80 lines: a record has no more of one text */

enum report_outcome {
	REPORT_FAILED, /* nothing to store; reason says why */
	REPORT_RECORD, /* nothing to store, as configured */
	REPORT_COMPLETE,
	REPORT_CUT, /* a valid smaller dump; reason says what it lacks */
	REPORT_OUTCOMES,
};

struct report {
	uint32_t magic;
	uint32_t outcome; /* enum report_outcome */
	char reason[REPORT_REASON];
	uint32_t release; /* enum release_way; RELEASE_WAYS: nothing was stored */
	char release_reason[REPORT_RELEASE];
	char texts[REPORT_TEXTS]; /* what the program said by hints, a line each */
	char type[16]; /* what was configured, or asked for and allowed */
	uint8_t hushed; /* arguments and environment may be secrets; at first, too */
	char asked[16]; /* the type that the process asked for; "": none that counts */
	uint64_t size_core, size_received, size_memory, size_dump, size_header;
	int64_t planning; /* µs; -1: nothing was planned */
	int64_t held; /* µs from the handler's start until the process was let go; -1: it was not */

	/* The core ended too early, but no read failed. The parent finds out why: it can look at the process. */
	uint8_t ended_early;

	/* facts of the notes */
	uint8_t has_notes, has_psinfo, has_siginfo; /* not bool: any byte may come */
	int64_t forbidden; /* system call that the worker was stopped at; -1: at none */
	uint64_t threads;
	int64_t namespace_pid, namespace_tid;
	int64_t signal, signal_code;
	char code_name[24];
	uint8_t has_address,
		has_sender; /* of the following, which the code gives a meaning */
	uint64_t fault_address;
	int64_t sender_pid, sender_uid; /* in the namespaces of the process */
	char fault[24]; /* of filter/fault.h, "": unknown */
	char arch[16];
	char fname[17];
	char psargs[81];
	char exe[PATH_MAX + 16]; /* room for " (deleted)" */
	char build_id[129]; /* of the executable, in hexadecimal digits; "": not known */
	char modules[REPORT_MODULES]; /* lines: store/modules.h */
	char data_files[REPORT_DATA]; /* lines: handler/data_report.h */
};

/* What has come of a report; zeros at first. */
struct report_inbox {
	size_t n; /* bytes of it */
	bool let_go, turned; /* these words have come */
	bool has_begun; /* and the first struct */
	struct report begun;
	struct report report;
};

void report_init(struct report *report);
/* Arguments are a secret, or may be: what is in the report of them goes. */
void report_hush(struct report *report);
/* What kind of fault it was, a word of filter/fault.h; "" leaves what was known. */
void report_fault(struct report *report, const char *name);
/* Add a line to the reason; what does not fit is left out. */
void report_say(struct report *report, const char *format, ...) _printf_(2, 3);

/* How the process was released, and why so. */
void report_release(struct report *report, enum release_way way, const char *reason);

/* Return: 0 or negative errno. */
int report_send(int fd, const struct report *report) _must_check_;
/* The first one: before memory is written. */
int report_send_begun(int fd, const struct report *report) _must_check_;
int report_send_word(int fd, uint32_t word) _must_check_;

/* Of a whole one that came another way: it is made sound, as report_take() does. Return: 0 or -EBADMSG. */
int report_check(struct report *report) _must_check_;

/*
 * One read. Return: 1: inbox->report is whole; 0: there is more to come; -EPIPE: the worker ended
 * without one; -EBADMSG: it sent nonsense; or negative errno.
 */
int report_take(int fd, struct report_inbox *inbox) _must_check_;
/* The same until it is whole. Return: 0 or as above. */
int report_receive(int fd, struct report *ret) _must_check_;
