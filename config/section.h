/* SPDX-License-Identifier: MIT */
/*
 * A section header of dumpd.conf, "[Dump]" or "[Executable "GLOB"]" and its like. Pure: bytes
 * in, parts out.
 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "config/config.h"

struct section {
	enum config_kind kind;
	const char *name; /* within the text: the glob or user; NULL: [Dump] */
	size_t name_length;
	const char
		*rest; /* within the text: what follows the header, for people; or NULL */
	size_t rest_length;
};

/*
 * text: n bytes from '[' to the last one that is not white space.
 * Return: NULL, or what is wrong with it (static text for people).
 */
const char *section_parse(const char *text, size_t n, struct section *ret) _must_check_;
