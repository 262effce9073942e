/* SPDX-License-Identifier: MIT */
/*
 * Which debugger, and what it is told.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "dumpctl/words.h"

enum debug_dialect {
	DEBUG_GDB,
	DEBUG_LLDB,
	DEBUG_OTHER_DIALECT, /* it gets no options of ours */
};

struct debug_command {
	char *program; /* where it is */
	enum debug_dialect dialect;
	struct words arguments; /* further ones, of the user */
	const char *sysroot; /* NULL: files are where they are */
	const char *exe; /* NULL: the core alone */
	const char *core;
	bool debuginfod;
};

/* name: NULL for what there is. Return: 0, or -ENOENT after a message. */
int debug_command_find(const char *name, struct debug_command *ret) _must_check_;
void debug_command_done(struct debug_command *command);

/* Its arguments for execv(3), ended by NULL, never freed: this is for a child. NULL without memory. */
char **debug_command_arguments(const struct debug_command *command) _must_check_;
