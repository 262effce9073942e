/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/cleanup.h"
#include "store/valid.h"

/* µs of the last second of the year 9999: later ones have no date that people know. */
#define TIMESTAMP_MAX INT64_C(253402300799999999)

/* As the kernel's _NSIG. */
#define SIGNAL_MAX 64

/* By the member's place, for not every member has a name in JSON. */
static const struct range {
	size_t offset;
	int64_t least, most;
} ranges[] = {
	{ offsetof(struct record, timestamp), 0, TIMESTAMP_MAX },
	{ offsetof(struct record, pid), 1, INT32_MAX },
	{ offsetof(struct record, tid), 1, INT32_MAX },
	{ offsetof(struct record, uid), 0, UINT32_MAX },
	{ offsetof(struct record, gid), 0, UINT32_MAX },
	{ offsetof(struct record, owner_uid), 0, UINT32_MAX },
	{ offsetof(struct record, signal), 0, SIGNAL_MAX },
	/* The kernel's own are small, sigqueue(3) sends negative ones. */
	{ offsetof(struct record, signal_code), INT32_MIN, INT32_MAX },
	{ offsetof(struct record, sender_pid), 0, INT32_MAX },
	{ offsetof(struct record, sender_uid), 0, UINT32_MAX },
	{ offsetof(struct record, sender_verified), 0, 1 },
	{ offsetof(struct record, dumpable), 0, 2 },
	{ offsetof(struct record, verified), 0, 1 },
	{ offsetof(struct record, truncated), 0, 1 },
	{ offsetof(struct record, threads), 0, INT32_MAX },
};

bool record_id_valid(const char *id)
{
	return strlen(id) == RECORD_ID_LENGTH && id[0] >= 'a' && id[0] <= 'f' &&
	       strspn(id, "0123456789abcdef") == RECORD_ID_LENGTH;
}

bool record_number_valid(const struct record_field *field, int64_t value)
{
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (ranges[i].offset == field->offset)
			return value >= ranges[i].least && value <= ranges[i].most;
	}
	/* Sizes, a limit, a duration. */
	return value >= 0;
}
