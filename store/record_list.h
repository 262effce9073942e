/* SPDX-License-Identifier: MIT */
/*
 * A text of a record that is a list: each element escaped by escape_text(), so that no line break is in it, and a
 * newline behind it. In JSON it is an array of these.
 */
#pragma once

#include <jansson.h>

#include "base/cleanup.h"

/* n bytes of elements that each end with a NUL. Return: a new list, NULL without memory. */
char *record_list_make(const char *bytes, size_t n) _must_check_;

/* Return: a new array, NULL without memory. */
json_t *record_list_json(const char *list) _must_check_;

/* The list of a JSON array, hostile by assumption. Return: 0, -EBADMSG, -ENOMEM. */
int record_list_read(const json_t *array, char **ret) _must_check_;
