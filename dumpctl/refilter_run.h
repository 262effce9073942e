/* SPDX-License-Identifier: MIT */
/*
 * The handler's own way from a core to a stored file, with a dump in place of the kernel's
 * pipe: headers, plan, frames.
 */
#pragma once

#include "config/config.h"
#include "dumpctl/refilter_in.h"
#include "handler/report.h"
#include "store/memory_map.h"

struct refilter_job {
	const struct refilter_in *in;
	const struct config *config;
	int type; /* enum dump_type, -1: as the configuration says */
	int file_fd;
};

/* The settings that hold for it. record: NULL: of a plain core, and then the report names the executable. */
void refilter_resolve(const struct config *config, const struct record *record, int type,
		      const struct report *report, struct settings *ret);

/*
 * Fills report, settings and the drop map of the new dump. Return: 0, outcome and reason are in the
 * report; negative errno: so is why there is no dump.
 */
int refilter_run(const struct refilter_job *job, struct settings *ret_settings,
		 struct memory_map *ret_map, struct report *ret_report) _must_check_;
