/* SPDX-License-Identifier: MIT */
/*
 * The parent's side of the worker: start it with its descriptors, wait for its report.
 */
#pragma once

#include <sys/types.h>

#include "handler/report.h"
#include "handler/worker.h"

/*
 * Fork the worker on standard input, which the parent then gives away: the crashed process
 * is released when the worker lets go of it, or when a worker that hangs was ended
 * (handler/watch.h). Always fills the report; a worker that could
 * not be started, died before it had reported or talked nonsense is REPORT_FAILED with a reason. Where it was killed after it had
 * written memory, a second one makes a smaller dump of that (handler/mend.h).
 *
 * Return: 0, or the id of a child that does not end although it was killed: it may still write to the file.
 */
pid_t child_run(const struct worker_job *job, struct report *ret);

/* Instead: the crashed process is released, and the report says that the core was not read. */
void child_refuse(int error, struct report *ret);
