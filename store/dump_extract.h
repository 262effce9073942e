/* SPDX-License-Identifier: MIT */
/*
 * From a dump's seek table to the sink: frames on their way to dump_parallel and back, in order.
 * What dump_extract() of dump.h is made of.
 */
#pragma once

#include "store/dump.h"

struct dump_extract {
	int fd; /* borrowed */
	uint64_t file_size;
	uint64_t limit; /* bytes that must come out */
	dump_sink sink;
	void *context;
};

/*
 * Everything before a fault is handed out, nothing behind it. Return as dump_extract();
 * *ret_fault says where and why.
 */
int dump_extract_run(const struct dump_extract *what,
		     struct dump_fault *ret_fault) _must_check_;
