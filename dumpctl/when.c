/* SPDX-License-Identifier: MIT */
/*
 * Times are tried form by form: each form takes the whole text or refuses it.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/number.h"
#include "dumpctl/when.h"

#define SECOND INT64_C(1000000)

/* More digits than any number here needs, few enough for 64 bits in µs. */
#define DIGITS_MAX 12

static const struct unit {
	const char *name;
	int64_t seconds;
} units[] = {
	{ "s", 1 },
	{ "sec", 1 },
	{ "second", 1 },
	{ "seconds", 1 },
	{ "m", 60 },
	{ "min", 60 },
	{ "minute", 60 },
	{ "minutes", 60 },
	{ "h", 3600 },
	{ "hour", 3600 },
	{ "hours", 3600 },
	{ "d", 86400 },
	{ "day", 86400 },
	{ "days", 86400 },
	{ "w", 7l * 86400 },
	{ "week", 7l * 86400 },
	{ "weeks", 7l * 86400 },
};

static int parse_now(const char *text, int64_t now, int64_t *ret)
{
	if (strcasecmp(text, "now") != 0)
		return -EINVAL;
	*ret = now;
	return 0;
}

static int midnight(int64_t now, int days_ago, int64_t *ret)
{
	time_t seconds = (time_t)(now / SECOND);
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		return -EINVAL;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday -= days_ago;
	tm.tm_isdst = -1;
	*ret = (int64_t)mktime(&tm) * SECOND;
	return 0;
}

static int parse_today(const char *text, int64_t now, int64_t *ret)
{
	return strcasecmp(text, "today") == 0 ? midnight(now, 0, ret) : -EINVAL;
}

static int parse_yesterday(const char *text, int64_t now, int64_t *ret)
{
	return strcasecmp(text, "yesterday") == 0 ? midnight(now, 1, ret) : -EINVAL;
}

static int parse_epoch(const char *text, int64_t now, int64_t *ret)
{
	uint64_t seconds;

	(void)now;
	if (text[0] != '@' || number_u64(text + 1, INT64_MAX / SECOND, &seconds) < 0)
		return -EINVAL;
	*ret = (int64_t)seconds * SECOND;
	return 0;
}

/* Digits of text into *ret; how many there are. 0: none, or too many. */
static size_t take_digits(const char *text, int64_t *ret)
{
	char digits[DIGITS_MAX + 1] = "";
	size_t n = strspn(text, "0123456789");
	uint64_t value;

	if (n == 0 || n > DIGITS_MAX)
		return 0;
	memcpy(digits, text, n);
	if (number_u64(digits, INT64_MAX, &value) < 0)
		return 0;
	*ret = (int64_t)value;
	return n;
}

static const struct unit *take_unit(const char *text, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strlen(units[i].name) == n &&
		    strncasecmp(units[i].name, text, n) == 0)
			return &units[i];
	}
	return NULL;
}

/* "1h", "2 hours", "1h 30min": one or more, in seconds. Returns what follows, or NULL. */
static const char *take_span(const char *text, int64_t *ret)
{
	const char *p = text;
	int64_t sum = 0;

	for (;;) {
		const struct unit *unit;
		int64_t value;
		size_t n = take_digits(p, &value);

		if (n == 0)
			break;
		p += n;
		p += strspn(p, " ");
		n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
		unit = take_unit(p, n);
		if (!unit || __builtin_mul_overflow(value, unit->seconds, &value) ||
		    __builtin_add_overflow(sum, value, &sum))
			return NULL;
		p += n;
		p += strspn(p, " ");
	}
	*ret = sum;
	return p == text ? NULL : p;
}

static int before_now(int64_t seconds, int64_t now, int64_t *ret)
{
	int64_t span;

	if (__builtin_mul_overflow(seconds, SECOND, &span) ||
	    __builtin_sub_overflow(now, span, ret))
		return -EINVAL;
	return 0;
}

static int parse_minus(const char *text, int64_t now, int64_t *ret)
{
	const char *rest;
	int64_t seconds;

	if (text[0] != '-')
		return -EINVAL;
	rest = take_span(text + 1, &seconds);
	return rest && *rest == '\0' ? before_now(seconds, now, ret) : -EINVAL;
}

static int parse_ago(const char *text, int64_t now, int64_t *ret)
{
	int64_t seconds;
	const char *rest = take_span(text, &seconds);

	return rest && strcasecmp(rest, "ago") == 0 ? before_now(seconds, now, ret)
						    : -EINVAL;
}

/* mktime would make 3 March of 31 February. */
static int from_calendar(struct tm *tm, int64_t *ret)
{
	struct tm given = *tm;
	time_t seconds;

	tm->tm_isdst = -1;
	seconds = mktime(tm);
	if (tm->tm_year != given.tm_year || tm->tm_mon != given.tm_mon ||
	    tm->tm_mday != given.tm_mday)
		return -EINVAL;
	*ret = (int64_t)seconds * SECOND;
	return 0;
}

static int parse_calendar(const char *text, int64_t now, int64_t *ret)
{
	static const char *const forms[] = {
		"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%H:%M", "%H:%M:%S",
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		time_t seconds = (time_t)(now / SECOND);
		const char *end;
		struct tm tm;

		/* A time alone is today's. */
		if (!localtime_r(&seconds, &tm))
			return -EINVAL;
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		end = strptime(text, forms[i], &tm);
		if (end && *end == '\0')
			return from_calendar(&tm, ret);
	}
	return -EINVAL;
}

int when_parse(const char *text, int64_t now, int64_t *ret)
{
	static int (*const forms[])(const char *, int64_t, int64_t *) = {
		parse_now,   parse_today, parse_yesterday, parse_epoch,
		parse_minus, parse_ago,	  parse_calendar,
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (forms[i](text, now, ret) == 0)
			return 0;
	}
	return -EINVAL;
}
