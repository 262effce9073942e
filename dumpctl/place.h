/* SPDX-License-Identifier: MIT */
/*
 * The store and its limits, for the verbs that look at it as a whole.
 */
#pragma once

#include <stdbool.h>

#include "config/settings.h"

struct place {
	const char *verb; /* for messages */
	const char *config; /* NULL: the default */
	const char *directory; /* NULL: the configured one */
	struct settings settings; /* directory: the one that holds */
	int fd; /* of the store; -1: there is none yet */
};

void place_init(struct place *place, const char *verb);
void place_done(struct place *place);
#define _cleanup_place_ _cleanup_(place_done)

/* Reads the configuration into place->settings. Return: 0; -1 after a message. */
int place_configure(struct place *place) _must_check_;

/*
 * Opens the store. One that does not exist is empty: fd is -1. Return: 0; -1 after a message.
 */
int place_open(struct place *place) _must_check_;

/* A message that n files were left out; n may be 0. Return: VERB_DONE if it is, else VERB_FAILED. */
int place_left_out(const struct place *place, size_t n) _must_check_;
