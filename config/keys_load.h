/* SPDX-License-Identifier: MIT */
/*
 * Values of the keys that say how much is done at a time and in a time: for the table of
 * config/keys.c alone.
 */
#pragma once

#include "config/settings.h"

/* As struct key has them. */
const char *parse_runtime_directory(const char *text, struct settings *settings);
char *print_runtime_directory(const struct settings *settings);
const char *parse_slots(const char *text, struct settings *settings);
char *print_slots(const struct settings *settings);
const char *parse_slot_wait(const char *text, struct settings *settings);
char *print_slot_wait(const struct settings *settings);
const char *parse_rate_period(const char *text, struct settings *settings);
char *print_rate_period(const struct settings *settings);
const char *parse_rate_dumps(const char *text, struct settings *settings);
char *print_rate_dumps(const struct settings *settings);
const char *parse_rate_mini(const char *text, struct settings *settings);
char *print_rate_mini(const struct settings *settings);
const char *parse_rate_user_dumps(const char *text, struct settings *settings);
char *print_rate_user_dumps(const struct settings *settings);
const char *parse_rate_user_mini(const char *text, struct settings *settings);
char *print_rate_user_mini(const struct settings *settings);
