/* SPDX-License-Identifier: MIT */
/*
 * Modules and their build-ids, out of the process' memory into the report: which programs these
 * were is known whatever becomes of their files, and of the dump.
 */
#pragma once

#include "filter/modules.h"
#include "handler/report.h"

/*
 * notes, names and memory as of modules_read(). A module is named as /proc/PID/maps has it: on overlayfs
 * NT_FILE has the path in the layer. Without memory, in either sense, nothing is reported. maps: as of data_report(),
 * which is told of all other files.
 */
void modules_report(const struct notes *notes, const struct names *names,
		    const struct memory *memory, struct bytes maps,
		    struct report *report);
