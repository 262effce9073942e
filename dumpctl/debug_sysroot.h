/* SPDX-License-Identifier: MIT */
/*
 * The temporary directory of `dumpctl debug`: the core, and, where the debugger would find other files than those
 * that were mapped, a root of links to the right ones, in which it looks instead of "/".
 *
 * For a debugger with a user of its own the directory is still root's, and that user may look up the names in it that
 * it knows (mode 0710). The core and copies of files have no name then. In one directory, its home, it can make files:
 * root never opens what is in there, and lets that user itself remove it.
 */
#pragma once

#include <stdbool.h>

#include "dumpctl/debug_choice.h"
#include "handler/isolate.h"

struct debug_sysroot {
	char *directory; /* mode 0700; NULL: there is none */
	char *core; /* the core's path in it; with a user: where the debugger finds it */
	char *root; /* the root's */
	char *here; /* what stands for the working directory, for paths that are not absolute */
	bool used; /* the debugger is to use root */
	bool moved; /* and here */
	char *home; /* the user's; NULL: there is no such user */
	struct isolate_user user;
	char *program; /* stands for an executable that is not shown; NULL: not made */
};

/*
 * Makes the directory, and an empty core. user: of the debugger; NULL: the caller's. Return: a descriptor of the core,
 * or negative errno after a message.
 */
int debug_sysroot_open(const struct isolate_user *user,
		       struct debug_sysroot *ret) _must_check_;

/* A new file of the caller's without a name. Return: a descriptor, or negative errno. */
int debug_sysroot_scratch(const struct debug_sysroot *sysroot) _must_check_;

/*
 * Fill the root. stubs: of a module that is not shown there is a file of its ELF header alone: lldb, which looks at
 * the path itself where the root has nothing, finds that. Return: 0 or negative errno.
 */
int debug_sysroot_fill(struct debug_sysroot *sysroot, const struct debug_core *core,
		       const struct debug_choices *choices, bool stubs) _must_check_;

/*
 * All of it. With a user also what processes the debugger left behind: children of this process', if they were adopted
 * (handler/isolate_debugger.h).
 */
void debug_sysroot_remove(struct debug_sysroot *sysroot);
void debug_sysroot_done(struct debug_sysroot *sysroot);
