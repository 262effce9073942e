/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/number.h"
#include "config/duration.h"

/* A day: who waits longer for a crash waits for ever. */
#define SECONDS_MAX 86400

#define DAY 86400

/* A hundred years. */
#define LONG_MAX_SECONDS (UINT64_C(36525) * DAY)

static const struct unit {
	const char *name;
	uint64_t seconds;
} units[] = { { "min", 60 }, { "s", 1 }, { "h", 3600 }, { "d", DAY } };

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

/* Return: whether it is one, of 1 to `most` seconds. */
static bool parse(const char *text, uint64_t most, uint64_t *ret)
{
	char number[24];
	uint64_t unit, value;

	if (strcmp(text, "infinity") == 0) {
		*ret = UINT64_MAX;
		return true;
	}
	if (strlen(text) >= sizeof(number))
		return false;
	memcpy(number, text, strlen(text) + 1);
	unit = take_unit(number);
	if (number_u64(number, most / unit, &value) < 0 || value == 0)
		return false;
	*ret = value * unit;
	return true;
}

const char *duration_parse(const char *text, uint64_t *ret)
{
	return parse(text, SECONDS_MAX, ret) ? NULL
					     : "must be a number of seconds, with s, min "
					       "or h if wanted, up to a day, or infinity";
}

const char *duration_parse_long(const char *text, uint64_t *ret)
{
	return parse(text, LONG_MAX_SECONDS, ret)
		       ? NULL
		       : "must be a number of seconds, with s, min, h or d if wanted, up "
			 "to a hundred years, or infinity";
}

static char *print(uint64_t seconds, uint64_t unit, const char *name)
{
	char *text;

	return asprintf(&text, "%" PRIu64 "%s", seconds / unit, name) < 0 ? NULL : text;
}

char *duration_print(uint64_t seconds)
{
	if (seconds == UINT64_MAX)
		return strdup("infinity");
	if (seconds % 60 == 0 && seconds > 60)
		return print(seconds, 60, "min");
	return print(seconds, 1, "s");
}

char *duration_print_long(uint64_t seconds)
{
	if (seconds == UINT64_MAX || seconds % DAY != 0)
		return duration_print(seconds);
	return print(seconds, DAY, "d");
}
