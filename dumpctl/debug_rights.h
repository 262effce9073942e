/* SPDX-License-Identifier: MIT */
/*
 * With whose rights a debugger runs. What is in a dump is the crashed program's choice, and debuggers have bugs: root
 * lends its rights to one (compare `sudo coredumpctl debug') only for a process that had them itself.
 */
#pragma once

#include <stdbool.h>

#include "handler/isolate.h"
#include "store/index.h"

struct debug_rights {
	char *why; /* the dump is not known to be root's own process': what it is; NULL: it is, or the caller is not root */
	bool drop; /* the debugger runs as user */
	struct isolate_user user;
};

/*
 * elsewhere: the dump is from a directory that was named (-D), where anybody may have made it. keep: --no-drop. Return: 0,
 * or negative errno after a message; then, too, ret is to be freed.
 */
int debug_rights_decide(const struct index_entry *entry, bool elsewhere, bool keep,
			struct debug_rights *ret) _must_check_;
void debug_rights_done(struct debug_rights *rights);

/* Says as whom the debugger runs, if that is a question. */
void debug_rights_tell(const struct debug_rights *rights, const char *program,
		       bool network);
