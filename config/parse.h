/* SPDX-License-Identifier: MIT */
/*
 * One file of the configuration, from bytes to assignments and problems.
 */
#pragma once

#include <stddef.h>

#include "config/contents.h"

/* file: its name for people; must live as long as config. */
void config_parse(struct config *config, const char *file, const char *bytes, size_t n);
