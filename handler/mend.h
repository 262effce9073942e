/* SPDX-License-Identifier: MIT */
/*
 * A second child, where the worker was killed after it had written memory (by the machine, whose memory ran
 * out, or by a fault of its own): what is in the file is made a dump, smaller and valid. Theory of operation:
 *
 *   1. The worker's first report, sent before a frame was written, has all facts but how it ended.
 *   2. The parent starts this one with the rights of a worker (handler/isolate.h), and the file's descriptor
 *      alone: no core, no memory of the process, which is gone.
 *   3. All frames that are whole are counted, each decompressed once; a torn one and what is behind memory go
 *      (handler/pack_walk.h).
 *   4. The headers are cut to what is there, as where Deadline= ends a dump, and written again, and the seek
 *      table behind. There is no drop map: what it would say was in the worker.
 *
 * Who was killed may have been taken over before, so that the file may hold anything, and what comes of it is
 * never said to be complete. Not mended is what a worker wrote that the filter of system calls ended, or that
 * said that its header is not true of what follows (REPORT_TURNED).
 *
 * Its time is bounded: after MEND_SECONDS no further frame is looked at, and the parent waits WATCH_MARGIN longer.
 * So is its memory: three copies of the headers, and two buffers of a few frames each.
 */
#pragma once

#include "handler/report.h"

/* What some 10 GiB of memory take to be decompressed. Nobody is held, but a slot is. */
#define MEND_SECONDS 30

/*
 * Runs after isolate_rights() and sends its report: begun, and how it ended. number: of the signal that ended
 * the worker. Return: the exit status, 0 if there is a dump.
 */
int mend_run(const struct report *begun, int number);

/*
 * The same of a file. until: µs of CLOCK_MONOTONIC. Return: 0; -ENODATA: no whole frame of memory is in it, or
 * no headers; or negative errno. report is then as it was.
 */
int mend_file(int fd, int number, int64_t until, struct report *report) _must_check_;
