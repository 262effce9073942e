/* SPDX-License-Identifier: MIT */
/*
 * What NameTemplate may hold. Whoever expands a template knows these specifiers and no others.
 */
#pragma once

#include "base/cleanup.h"

/* core(5)'s, then %B (boot id) and %T (timestamp in microseconds). */
#define NAME_TEMPLATE_SPECIFIERS "%cCdeEfghiIpPstuBT"

/* Return: NULL if a template is good, else what it must be (static, "must ..."). */
const char *name_template_check(const char *name_template) _must_check_;
