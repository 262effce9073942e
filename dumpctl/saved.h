/* SPDX-License-Identifier: MIT */
/*
 * What the kernel's settings were before `dumpctl setup`, for `dumpctl setup --undo`: a file
 * of lines before.NAME=VALUE and set.NAME=VALUE.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "dumpctl/sysctl.h"

#define SAVED_FILE SYSCONFDIR "/dumpd/before-setup"

struct saved {
	struct sysctl_values before;
	struct sysctl_values set; /* what setup put in their place */
	bool masked; /* setup made the mask of systemd-coredump's drop-in */
};

/* Return: 0; -ENOENT: no setup was made; -EBADMSG: not such a file; or negative errno. */
int saved_load(struct saved *ret) _must_check_;
int saved_write(const struct saved *saved) _must_check_;
int saved_remove(void) _must_check_;

/* The file's text and back, pure. */
char *saved_print(const struct saved *saved) _must_check_;
int saved_parse(const char *text, struct saved *ret) _must_check_;

/*
 * What to remember when setup runs with `now` in force: never a value that an earlier setup
 * put there. earlier: NULL if there was none.
 */
void saved_update(const struct saved *earlier, const struct sysctl_values *now,
		  const struct sysctl_values *wanted, struct saved *ret);
