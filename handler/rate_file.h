/* SPDX-License-Identifier: MIT */
/*
 * The counts of handler/rate.h in the file "rates" of the runtime directory, under a lock. A file that is
 * damaged or of another version is begun anew, one that cannot be used limits nothing: no dump is
 * lost by it. An entry is written by one call, so that a handler that is killed leaves no half.
 */
#pragma once

#include "handler/rate.h"

#define RATE_FILE "rates"

/* rate_decide() on the file. Return: 0, or negative errno: nothing was counted, ret is unset. */
int rate_file_decide(int runtime_fd, const struct rate_who *who,
		     const struct rate_limits *limits, int64_t now,
		     struct rate_answer *ret) _must_check_;

/* rate_due() likewise. */
int rate_file_due(int runtime_fd, const struct rate_who *who, enum rate_by by,
		  int64_t now, struct rate_answer *ret) _must_check_;

/* What is in it, checked; nothing is changed. Return: 0, -ENOENT, or negative errno. */
int rate_file_read(int runtime_fd, struct rate_table *ret) _must_check_;
