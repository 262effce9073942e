/* SPDX-License-Identifier: MIT */
/*
 * Who sent the signal: what siginfo says, and whether that is so.
 *
 * A sender is verified where the kernel wrote si_pid (SI_USER, SI_TKILL: do_rt_sigqueueinfo() refuses these to
 * others), it is another process than the crashed one, its PID is one of the initial namespace after
 * translation, and the process that has it has the user of the signal and was there before the crash. All
 * else is a claim.
 */
#pragma once

#include "handler/args.h"
#include "handler/process.h"
#include "handler/report.h"
#include "store/record.h"

/* What is there of the crashed process' PID namespace; dirfd: its /proc directory. */
void process_sender_open(int dirfd, struct process_namespace *ret);
void process_sender_close(struct process_namespace *namespace);

/* Into the record's sender_*; of one that is gone, or goes meanwhile, what the signal says. */
void process_sender_record(const struct process *process, const struct report *report,
			   struct record *record);
