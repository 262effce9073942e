/* SPDX-License-Identifier: MIT */
/*
 * JSON as the verbs print it.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "base/cleanup.h"

/* Takes the value; NULL is lack of memory. Return: 0 or -ENOMEM. */
int json_put(json_t *object, const char *key, json_t *value) _must_check_;

/* A member of an array, in a line of its own; takes it, NULL as above. ferror() tells the rest. */
int json_print_row(json_t *row, bool first, FILE *out) _must_check_;
