/* SPDX-License-Identifier: MIT */
/*
 * What the administrator decided -> what the filter is asked for.
 */
#pragma once

#include "config/settings.h"
#include "filter/type.h"

struct policy {
	struct type type;
	const char *keep[GLOB_LIST_MAX],
		*drop[GLOB_LIST_MAX]; /* of type.keep, type.drop */
};

/* settings and ret must stay where they are while the type is used. Return: 0 or -EINVAL. */
int policy_make(const struct settings *settings, struct policy *ret) _must_check_;
