/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "store/record_group.h"

static const char *service_of(const char *unit)
{
	static const char end[] = ".service";
	size_t n = unit ? strlen(unit) : 0, length = sizeof(end) - 1;

	return n > length && strcmp(unit + n - length, end) == 0 ? unit : NULL;
}

const char *record_group_name(const struct record_group *group, bool *ret_contained)
{
	*ret_contained = true;
	if (group->pod_uid)
		return group->pod_uid;
	if (group->container_id)
		return group->container_id;
	*ret_contained = false;
	return service_of(group->user_unit ? group->user_unit : group->unit);
}

struct record_group record_group_of(const struct record *record)
{
	return (struct record_group){
		.pod_uid = record->pod_uid,
		.container_id = record->container_id,
		.user_unit = record->user_unit,
		.unit = record->unit,
	};
}
