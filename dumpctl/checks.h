/* SPDX-License-Identifier: MIT */
/*
 * What must be true for a crash to be caught, asked one by one: `dumpctl status`.
 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "config/config.h"
#include "dumpctl/load.h"
#include "dumpctl/pattern.h"
#include "dumpctl/sysctl.h"

enum check_state {
	CHECK_OK,
	CHECK_NOTE, /* crashes are caught; this is worth knowing */
	CHECK_PROBLEM, /* a crash now would not be caught, or not as it should be */
};

struct check {
	const char *name; /* static */
	enum check_state state;
	char *text; /* what was found */
	char *advice; /* what to do, NULL: nothing */
};

/* This machine, read once. */
struct machine {
	char pattern_text[SYSCTL_VALUE_MAX];
	struct pattern pattern;
	struct config *config;
	struct settings settings;
	struct load_state load;
};

#define CHECK_MAX 16

struct checks {
	struct check list[CHECK_MAX];
	size_t count;
};

/* config_file: NULL for the one in core_pattern, else the default. Return: 0 or -ENOMEM. */
int machine_read(const char *config_file, struct machine *ret) _must_check_;
void machine_done(struct machine *machine);
#define _cleanup_machine_ _cleanup_(machine_done)

void checks_run(const struct machine *machine, struct checks *ret);
void checks_done(struct checks *checks);
#define _cleanup_checks_ _cleanup_(checks_done)

/* Set what was found, and what to do; both at most once. */
_printf_(3, 4) void check_set(struct check *check, enum check_state state,
			      const char *format, ...);
_printf_(2, 3) void check_advise(struct check *check, const char *format, ...);
