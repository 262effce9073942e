/* SPDX-License-Identifier: MIT */
/*
 * A stored dump, read to its last byte: frames, the core that comes out of them, drop map, and what its record says of
 * them.
 */
#pragma once

#include "store/dump.h"

struct verify_finding {
	bool damaged;
	bool cut; /* it is what its record says, which is not all that was asked for */
	const char *reason; /* static text; NULL: nothing is wrong */
	struct dump_fault fault; /* where, if frame is not 0 */
};

/*
 * size_file: of its file, as the journal has it; RECORD_UNKNOWN. Return: 0; -ESTALE: it was removed meanwhile, and
 * ret->reason says so; -ENOMEM.
 */
int verify_dump(struct dump *dump, int64_t size_file,
		struct verify_finding *ret) _must_check_;
