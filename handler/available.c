/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "handler/available.h"

/* The line is the third of some 50. */
#define MEMINFO_MAX 16384

/*
 * MemTotal:       24572140 kB
 * MemFree:        19313784 kB
 * MemAvailable:   22916420 kB
 */
uint64_t available_memory(void)
{
	static const char key[] = "\nMemAvailable:";
	_cleanup_free_ char *text = NULL;
	const char *line;
	uint64_t kib;
	size_t n;

	if (io_read_file(AT_FDCWD, "/proc/meminfo", MEMINFO_MAX, &text, &n) < 0)
		return 0;
	line = strstr(text, key);
	if (!line || sscanf(line + sizeof(key) - 1, " %" SCNu64 " kB", &kib) != 1)
		return 0;
	return kib > UINT64_MAX / 1024 ? UINT64_MAX : kib * 1024;
}
