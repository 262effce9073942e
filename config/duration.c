/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/number.h"
#include "config/duration.h"

/* A day: who waits longer for a crash waits for ever. */
#define SECONDS_MAX 86400

static const struct unit {
	const char *name;
	uint64_t seconds;
} units[] = { { "min", 60 }, { "s", 1 }, { "h", 3600 } };

/* text without the unit at its end; its seconds, 1 if there is none. */
static uint64_t take_unit(char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		size_t size = strlen(units[i].name);

		if (n > size && strcmp(text + n - size, units[i].name) == 0) {
			text[n - size] = '\0';
			return units[i].seconds;
		}
	}
	return 1;
}

const char *duration_parse(const char *text, uint64_t *ret)
{
	static const char reason[] =
		"must be a number of seconds, with s, min or h if wanted, up to a day, or "
		"infinity";
	char number[24];
	uint64_t unit, value;

	if (strcmp(text, "infinity") == 0) {
		*ret = UINT64_MAX;
		return NULL;
	}
	if (strlen(text) >= sizeof(number))
		return reason;
	memcpy(number, text, strlen(text) + 1);
	unit = take_unit(number);
	if (number_u64(number, SECONDS_MAX / unit, &value) < 0 || value == 0)
		return reason;
	*ret = value * unit;
	return NULL;
}

char *duration_print(uint64_t seconds)
{
	bool minutes = seconds % 60 == 0 && seconds > 60;
	char *text;

	if (seconds == UINT64_MAX)
		return strdup("infinity");
	return asprintf(&text, "%" PRIu64 "%s", minutes ? seconds / 60 : seconds,
			minutes ? "min" : "s") < 0
		       ? NULL
		       : text;
}
