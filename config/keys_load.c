/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "config/count.h"
#include "config/directory.h"
#include "config/duration.h"
#include "config/keys_load.h"

const char *parse_runtime_directory(const char *text, struct settings *settings)
{
	return directory_parse(text, settings->runtime_directory);
}

char *print_runtime_directory(const struct settings *settings)
{
	return strdup(settings->runtime_directory);
}

const char *parse_slots(const char *text, struct settings *settings)
{
	uint64_t slots = 0;

	if (strcmp(text, "auto") != 0 &&
	    (number_u64(text, SLOTS_MAX, &slots) < 0 || slots == 0))
		return "must be auto or a number from 1 to 1024";
	settings->slots = (unsigned int)slots;
	return NULL;
}

char *print_slots(const struct settings *settings)
{
	return settings->slots ? count_print(settings->slots) : strdup("auto");
}

const char *parse_slot_wait(const char *text, struct settings *settings)
{
	return duration_parse(text, &settings->slot_wait);
}

char *print_slot_wait(const struct settings *settings)
{
	return duration_print(settings->slot_wait);
}

const char *parse_rate_period(const char *text, struct settings *settings)
{
	return duration_parse(text, &settings->rate_period);
}

char *print_rate_period(const struct settings *settings)
{
	return duration_print(settings->rate_period);
}

const char *parse_rate_dumps(const char *text, struct settings *settings)
{
	return count_parse(text, &settings->rate_dumps);
}

char *print_rate_dumps(const struct settings *settings)
{
	return count_print(settings->rate_dumps);
}

const char *parse_rate_mini(const char *text, struct settings *settings)
{
	return count_parse(text, &settings->rate_mini);
}

char *print_rate_mini(const struct settings *settings)
{
	return count_print(settings->rate_mini);
}

const char *parse_rate_user_dumps(const char *text, struct settings *settings)
{
	return count_parse(text, &settings->rate_user_dumps);
}

char *print_rate_user_dumps(const struct settings *settings)
{
	return count_print(settings->rate_user_dumps);
}

const char *parse_rate_user_mini(const char *text, struct settings *settings)
{
	return count_parse(text, &settings->rate_user_mini);
}

char *print_rate_user_mini(const struct settings *settings)
{
	return count_print(settings->rate_user_mini);
}
