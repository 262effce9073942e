/* SPDX-License-Identifier: MIT */
/* What an opened dump is. For store/dump*.c alone. */
#pragma once

#include "store/dump.h"

struct dump {
	int fd;
	uint64_t size; /* of the file when it was opened */
	struct record record;
	struct dump_fault fault; /* of the last extraction */
};

/*
 * What a reader of its file returns. r: its result. Where that is that the file is damaged or cut: -ESTALE if it was removed
 * meanwhile, which empties it, and *ret_reason (may be NULL) says so.
 */
int dump_result(int fd, int r, const char **ret_reason);
