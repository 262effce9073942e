/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>
#include <sys/xattr.h>

#include "store/attributes.h"

static const char *const keys[] = {
	"pid",	"uid", "gid", "signal", "timestamp", "rlimit",	     "hostname",
	"comm", "exe", "tid", "unit",	"user_unit", "container_id", "pod_uid",
};

static void set(int file_fd, const char *key, const char *value)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "user.coredump.%s", key);
	(void)fsetxattr(file_fd, name, value, strlen(value),
			XATTR_CREATE); /* see the header */
}

void attributes_set(int file_fd, const struct record *record)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct record_field *field = record_field_by_key(keys[i]);
		char number[24];

		if (field->kind == RECORD_TEXT) {
			if (record_text(record, field))
				set(file_fd, keys[i], record_text(record, field));
		} else if (record_number(record, field) != RECORD_UNKNOWN) {
			int64_t value = record_number(record, field);

			(void)snprintf(number, sizeof(number), "%" PRIu64,
				       value == RECORD_UNLIMITED ? UINT64_MAX
								 : (uint64_t)value);
			set(file_fd, keys[i], number);
		}
	}
}
