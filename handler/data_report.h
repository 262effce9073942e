/* SPDX-License-Identifier: MIT */
/*
 * Which files of data were mapped, into the report: device and inode say later whether what has the path then is
 * still the same file. Of modules, build-ids say it (handler/modules_report.h).
 */
#pragma once

#include "filter/modules.h"
#include "handler/report.h"

/*
 * maps: the text of /proc/PID/maps; may be empty. Lines of it without the path go into report->data_files, mappings
 * of one file that follow each other as one line, until there is no room for more.
 */
void data_report(struct bytes maps, const struct modules *modules, struct report *report);
