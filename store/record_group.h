/* SPDX-License-Identifier: MIT */
/*
 * Of what a program is a part, which limits count by: the pod, else the container, else the service. Pure.
 *
 * What a user claims to be a container is none (container_claim of the record), and a session, whose name is another
 * each time, is no service.
 */
#pragma once

#include <stdbool.h>

#include "store/record.h"

/* NULL: unknown, or in none. */
struct record_group {
	const char *pod_uid, *container_id, *user_unit, *unit;
};

/* Points into group. *ret_contained: it is a pod or container. Return: NULL: it is in none. */
const char *record_group_name(const struct record_group *group, bool *ret_contained);

struct record_group record_group_of(const struct record *record);
