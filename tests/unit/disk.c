/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/unit/disk.h"
#include "tests/unit/table.h"

#include "store/dump_output.h"

int disk_write(void *context, const uint8_t *p, size_t n)
{
	struct disk *disk = context;

	assert_true(n > 0 && n <= disk->room - disk->n);
	if (disk->n + n > disk->stop_at)
		return -ENOSPC;
	if (p) {
		memcpy(disk->bytes + disk->n, p, n);
	} else {
		assert_int_equal(disk->n % DUMP_OUTPUT_PAGE, 0);
		assert_int_equal(n % DUMP_OUTPUT_PAGE, 0);
		memset(disk->bytes + disk->n, 0, n);
		disk->holes += n;
	}
	disk->n += n;
	return 0;
}
