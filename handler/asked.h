/* SPDX-License-Identifier: MIT */
/*
 * What the crashed process asked for (DUMPD_TYPE), in the worker: whether it may ask at all,
 * what becomes of it, and what the record says of that.
 */
#pragma once

#include "filter/notes.h"
#include "handler/report.h"
#include "handler/worker.h"

/* Changes settings->type if that is followed, and adds a line to the reason in any case. */
void asked_apply(const struct worker_job *job, const struct notes *notes,
		 struct settings *settings, struct report *report);
