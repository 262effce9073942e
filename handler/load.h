/* SPDX-License-Identifier: MIT */
/*
 * What a crash may cost, where a machine or a program has many of them: first its rate
 * (handler/rate.h), which may leave a record only; then a slot (handler/slots.h), for which it waits
 * while the process is held. Where the runtime directory cannot be used nothing is limited.
 */
#pragma once

#include "config/config.h"
#include "handler/ceiling.h"
#include "handler/process.h"
#include "handler/process_container.h"
#include "handler/rate.h"
#include "handler/report.h"
#include "handler/slot_share.h"
#include "handler/slots.h"

struct load {
	enum ceiling ceiling;
	char reason[REPORT_REASON]; /* for people: why, and the way out */
	uint64_t repeated; /* crashes that this one's record is also for */
	int runtime_fd, slot_fd; /* the slot is held until this is closed */
	enum slot_class class; /* of the slot */
	struct slot_share share; /* that it counts for */
	int disk_fd; /* of load_wait_for_disk() */
	/* Too many of its share's workers are left behind: the core is read from the stream alone, which has an end. */
	bool stream_alone;
	/* what is asked for again when the time has come */
	struct process_container container;
	struct rate_who who;
	struct rate_limits limits;
	struct rate_answer answer;
};

struct load_ask {
	const struct config *config;
	struct config_subject subject;
	const char *
		asked; /* DUMPD_TYPE of the process, as worker_job has it; not known at first */
	const struct process *process; /* stays until load_done(), and so does comm */
	const char *comm; /* for a process of which nothing more is known */
};

void load_init(struct load *load);
/* Fills ret, initialised or not. Waits at most as long as SlotWait= says. */
void load_weigh(const struct load_ask *ask, struct load *ret);

/*
 * When it is known which type the process asks for: a slot that is too large is changed for a small one, and one that
 * is too small for a large one, or mini is kept at most.
 */
void load_weigh_asked(const struct load_ask *ask, struct load *load);

/*
 * With CEILING_RECORD, after the process was let go: is a record due? Waits until it is, or until
 * SIGTERM, which comes before a machine goes down. false: another record has this crash.
 */
bool load_record_due(struct load *load) _must_check_;

/* The memory is packed: the slot is for others, while the disk is waited for. */
void load_wait_for_disk(struct load *load);

/* Why memory was not read but the stream, for the report. */
void load_say_stream(const struct load *load, struct report *report);

/* The worker was left behind: it is remembered. Return: 0 or negative errno. */
int load_note_left(const struct load *load, pid_t worker, int64_t crashed) _must_check_;

/* In place of the worker's: a record only, and why. */
void load_report(const struct load *load, struct report *ret);

void load_done(struct load *load);
