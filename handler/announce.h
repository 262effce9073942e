/* SPDX-License-Identifier: MIT */
/*
 * The crash's journal entry: the record, and the long facts that only the journal gets.
 */
#pragma once

#include <stdbool.h>

#include "handler/process.h"
#include "store/record.h"

/* with_environ: StoreEnvironment=yes. Return: 0 or negative errno, see store/journal.h. */
int announce(const struct record *record, const struct process *process,
	     bool with_environ) _must_check_;
