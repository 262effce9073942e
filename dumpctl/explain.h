/* SPDX-License-Identifier: MIT */
/*
 * Why a crash gets what it gets: every section that may override and whether it does, every
 * line and what became of it; and for a stored crash, what it got then and would get now.
 */
#pragma once

#include "dumpctl/effective.h"
#include "store/record.h"

struct explanation {
	const struct config *config;
	struct config_subject subject;
	const struct record *record; /* NULL: no crash, an executable */
	struct effective effective; /* for subject */
	enum dump_type now; /* Type, or what the process asked for if it may today */
};

/* record may be NULL; subject and record are borrowed. */
void explain(const struct config *config, const struct config_subject *subject,
	     const struct record *record, struct explanation *ret);

/* To standard output. Return: 0 or negative errno. */
int explain_print(const struct explanation *explanation) _must_check_;

/* Adds members to an object. Return: 0 or -ENOMEM. */
int explain_json(const struct explanation *explanation, json_t *object) _must_check_;
