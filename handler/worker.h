/* SPDX-License-Identifier: MIT */
/*
 * The child that reads the core: stream -> headers and notes -> plan -> frames -> report.
 *
 * Mustn't: open, connect or start anything. It has the descriptors of handler/isolate.h.
 */
#pragma once

#include <stdint.h>

#include "config/config.h"
#include "handler/anchor.h"
#include "handler/capture_stock.h"
#include "handler/ceiling.h"
#include "handler/pool.h"
#include "handler/process.h"
#include "handler/process_details.h"
#include "handler/room.h"

struct worker_job {
	const struct config *config;
	struct config_subject subject; /* exe: where the notes name none */
	const char *asked; /* DUMPD_TYPE of the process: any bytes; NULL: none */
	int64_t dumpable; /* %d; ARGS_UNKNOWN */
	const struct process *process; /* its descriptors are those of isolate.h */
	struct process_details *details; /* the parent's: what of it is still to come */
	int64_t rlimit; /* soft RLIMIT_CORE, -1 unknown */
	int file_fd; /* the parent's number; -1: there is no store, facts only */
	const char *no_store; /* then: why */
	struct room room; /* of the file */
	enum ceiling ceiling; /* of what is kept, whatever is configured or asked for */
	const char *ceiling_reason; /* said where it lowers that */
	uint64_t available; /* bytes of the machine's memory; 0: unknown */
	int64_t start; /* of the handler, µs of CLOCK_MONOTONIC */
	uint64_t deadline; /* seconds, as the parent knows it: handler/watch.h */
	int64_t packing; /* µs that are left when the process was let go: likewise */
};

/* Started while that may be done; they wait. */
struct worker_threads {
	struct pool *pool;
	struct stock *stock;
};

/* Of isolate_domain() and isolate_rights(). */
#define WORKER_NOTICES 2

/*
 * Runs after isolate_rights() and sends its report. anchor: of anchor_open(). notices: lines for the report,
 * or NULL. Return: the exit status.
 */
int worker_run(const struct worker_job *job, const struct worker_threads *threads,
	       const struct anchor *anchor, const char *const notices[WORKER_NOTICES]);
