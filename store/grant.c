/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <sys/acl.h>

#include "store/grant.h"

int grant_read(int file_fd, uid_t reader)
{
	char text[64];
	acl_t acl;
	int r;

	(void)snprintf(text, sizeof(text),
		       "u::rw-,u:%" PRIu32 ":r--,g::---,m::r--,o::---",
		       (uint32_t)reader); /* 38 at most */
	acl = acl_from_text(text);
	if (!acl)
		return -errno;
	r = acl_set_fd(file_fd, acl) < 0 ? -errno : 0;
	(void)acl_free(acl); /* memory alone */
	return r;
}
