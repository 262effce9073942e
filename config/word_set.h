/* SPDX-License-Identifier: MIT */
/*
 * Some of a few known words, separated by white space, as a set of bits. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/*
 * names: at most 32; the word at i is bit 1 << i, NULL is no word. A word may come twice.
 * Return: 0, or -EINVAL for a word that is not known; no word at all is an empty set.
 */
int word_set_parse(const char *text, const char *const *names, size_t count,
		   uint32_t *ret) _must_check_;

/* In the order of names. Return: a new string, NULL without memory. */
char *word_set_print(uint32_t set, const char *const *names, size_t count) _must_check_;
