/* SPDX-License-Identifier: MIT */
/*
 * How much a dump may take of the disk.
 */
#pragma once

#include <stdint.h>

struct room {
	uint64_t most; /* bytes of the file; UINT64_MAX: no limit */
	uint64_t
		reserve; /* bytes of the file system that stay free while it is written */
};

#define ROOM_UNLIMITED ((struct room){ .most = UINT64_MAX })
