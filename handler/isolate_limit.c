/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "handler/isolate_limit.h"

/* Who started the process may have lowered it further, and nobody without CAP_SYS_RESOURCE raises that. */
int isolate_limit(__rlimit_resource_t resource, rlim_t most)
{
	struct rlimit both;

	if (getrlimit(resource, &both) < 0)
		return -errno;
	if (most > both.rlim_cur)
		most = both.rlim_cur;
	both = (struct rlimit){ most, most };
	return setrlimit(resource, &both) < 0 ? -errno : 0;
}
