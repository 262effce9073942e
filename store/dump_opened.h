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
