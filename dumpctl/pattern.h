/* SPDX-License-Identifier: MIT */
/*
 * kernel.core_pattern as dumpd wants it: building it and recognising it. Pure.
 */
#pragma once

#include "base/cleanup.h"

/* The kernel keeps 128 bytes with the NUL and cuts what is longer without a word. */
#define PATTERN_MAX 127

enum pattern_form {
	PATTERN_FOREIGN, /* a file name, a socket, another handler */
	PATTERN_SHORT, /* ours without some options: every dump is for root only */
	PATTERN_FULL, /* ours with all options */
};

struct pattern {
	enum pattern_form form;
	char handler[PATTERN_MAX +
		     1]; /* the program of a pipe, whoever's; "" for the rest */
	char config[PATTERN_MAX + 1]; /* of --config=, "" if there is none */
};

/*
 * The full pattern for a handler. Return: 0; -EINVAL: no absolute path, or one with
 * characters that the kernel would take apart; -ENAMETOOLONG.
 */
int pattern_build(const char *handler, char ret[PATTERN_MAX + 1]) _must_check_;

/* Ours is what passes %P %s %e in this order, whatever the handler's name. */
void pattern_recognise(const char *text, struct pattern *ret);
