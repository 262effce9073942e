/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "handler/policy.h"

static struct globs globs_of(const struct glob_list *list, const char **to)
{
	size_t n = 0;

	for (const char *glob = NULL;
	     n < GLOB_LIST_MAX && (glob = glob_list_next(list, glob));)
		to[n++] = glob;
	return (struct globs){ to, n };
}

int policy_make(const struct settings *settings, struct policy *ret)
{
	const struct type *type = type_find(dump_type_name(settings->type));

	if (!type)
		return -EINVAL;
	ret->type = *type;
	if (settings->type == DUMP_STACKS || settings->type == DUMP_MINI ||
	    settings->type == DUMP_CUSTOM)
		ret->type.budget = settings->budget;
	if (settings->type == DUMP_HEAP)
		ret->type.elsewhere = settings->budget;
	if (settings->type == DUMP_CUSTOM) {
		ret->type.ranks = settings->ranks;
		ret->type.mapping_max = settings->mapping_max;
	}
	if (!type->verbatim) {
		ret->type.keep = globs_of(&settings->keep, ret->keep);
		ret->type.drop = globs_of(&settings->drop, ret->drop);
	}
	return 0;
}
