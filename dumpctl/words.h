/* SPDX-License-Identifier: MIT */
/*
 * An option's value cut into arguments, without a shell.
 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"

struct words {
	char **list; /* count entries into buffer */
	size_t count;
	char *buffer;
};

/*
 * White space separates; '...' and "..." keep it; a backslash takes the next character as it
 * is (not within '...'). Nothing is expanded. Return: 0, -EINVAL (a quote that does not end), -ENOMEM.
 */
int words_split(const char *text, struct words *ret) _must_check_;
void words_done(struct words *words);
#define _cleanup_words_ _cleanup_(words_done)
