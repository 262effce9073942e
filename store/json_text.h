/* SPDX-License-Identifier: MIT */
/*
 * JSON out of and into text. jansson's own functions go on where memory ends in the middle of a
 * text: a byte is missing then, and nobody says so (2.14, strbuffer.c). These do.
 */
#pragma once

#include <jansson.h>

#include "base/cleanup.h"

/* n bytes. Return: 0; -EBADMSG: this is no JSON; -ENOMEM. */
int json_text_read(const char *text, size_t n, json_t **ret) _must_check_;

/* What a string stands for: a new string of n bytes, no NUL among them. Return: 0; -EBADMSG: it is none; -ENOMEM. */
int json_text_bytes(const json_t *value, char **ret, size_t *ret_n) _must_check_;

/* On one line. Return: a new string, NULL without memory. */
char *json_text_print(const json_t *json) _must_check_;
