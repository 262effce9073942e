/* SPDX-License-Identifier: MIT */
/*
 * A point in time as people write it, for --since and --until.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

/* For messages and --help. */
#define WHEN_FORMS                                                               \
	"YYYY-MM-DD[ HH:MM[:SS]], HH:MM[:SS], now, today, yesterday, @SECONDS, " \
	"-1h30min or `2 hours ago' (units: s, min, h, d, w)"

/*
 * now, *ret: µs since the epoch; local time. Return: 0, or -EINVAL if the text has none of
 * WHEN_FORMS or names a day that does not exist.
 */
int when_parse(const char *text, int64_t now, int64_t *ret) _must_check_;
