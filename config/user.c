/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "base/number.h"
#include "config/user.h"

/* passwd(5) has lines of a hundred bytes; a longer one than this ends the reading, -ERANGE. */
#define LINE_MAX_BYTES 4096

static int find_in(FILE *file, const char *name, int64_t *ret_uid)
{
	struct passwd entry, *found;
	char line[LINE_MAX_BYTES];
	int r;

	while ((r = fgetpwent_r(file, &entry, line, sizeof(line), &found)) == 0) {
		if (strcmp(entry.pw_name, name) == 0) {
			*ret_uid = entry.pw_uid;
			return 0;
		}
	}
	return -r;
}

int user_find(const char *name, int64_t *ret_uid)
{
	_cleanup_file_ FILE *file = NULL;
	uint64_t uid;

	/* The last uid is setresuid's "as it is": no process has it. */
	if (number_u64(name, UINT32_MAX - 1, &uid) == 0) {
		*ret_uid = (int64_t)uid;
		return 0;
	}
	file = fopen(USER_FILE, "re");
	return file ? find_in(file, name, ret_uid) : -errno;
}
