/* SPDX-License-Identifier: MIT */
/*
 * What a process may ask for itself: DUMPD_TYPE in its environment, within AskTypes=. It is
 * the configuration that a user has without being root. Pure.
 *
 * Mustn't: be asked about a process that runs with more rights than who started it; the caller
 * knows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"

#define ASK_VARIABLE "DUMPD_TYPE"

/*
 * The variable's value in n bytes of /proc/PID/environ: NUL after each NAME=VALUE, all of it
 * the process' choice (it may have written there since). The first one counts, as for
 * getenv(3). One that was cut, without its NUL, does not. Return: within environ, or NULL.
 */
const char *ask_find(const char *environ, size_t n);

/* Make it settings->type if it may be; it may always be what is configured. Return: may it. */
bool ask_apply(struct settings *settings, enum dump_type asked) _must_check_;

/* AskTypes=. Return: NULL and *ret (bits 1 << enum dump_type), or "must ..." (static). */
const char *ask_types_parse(const char *text, uint32_t *ret) _must_check_;
/* Return: a new string, NULL without memory. */
char *ask_types_print(uint32_t types) _must_check_;
