/* SPDX-License-Identifier: MIT */
/*
 * sysctl.d(5): what the next boot will set. Our file there, systemd-coredump's, and who else
 * sets the same.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "dumpctl/sysctl.h"

#define DROPIN_NAME "60-dumpd.conf"
#define DROPIN_FILE SYSCONFDIR "/sysctl.d/" DROPIN_NAME
#define DROPIN_MASK SYSCONFDIR "/sysctl.d/50-coredump.conf"

/* Write our file. Return: 0 or negative errno. */
int dropin_write(const struct sysctl_values *values) _must_check_;
/* Return: 0 (also when there is none) or negative errno. */
int dropin_remove(void) _must_check_;
bool dropin_present(void);

enum mask {
	MASK_NEEDLESS, /* no systemd-coredump here */
	MASK_MADE,
	MASK_THERE, /* masked already */
	MASK_FOREIGN, /* the administrator's own file is in the place of the mask */
};

/* Hide systemd-coredump's drop-in. Return: enum mask, or negative errno. */
int dropin_mask(void) _must_check_;
/* Remove the mask if it is one. Return: 0 or negative errno. */
int dropin_unmask(void) _must_check_;

/*
 * A file that is read after ours and sets kernel.core_pattern. Return: a new string, NULL if
 * there is none.
 */
char *dropin_overriding(void) _must_check_;

/* Does this line of a sysctl.d file set the key? Globs are not looked into. Pure. */
bool dropin_line_sets(const char *line, const char *key);
