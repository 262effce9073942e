/* SPDX-License-Identifier: MIT */
/*
 * Which file the debugger is to see for each module of a core, and which not: the same build-id, or, without
 * one, the same first page. Of data it is device and inode (debug_data.h).
 */
#pragma once

#include "dumpctl/debug_core.h"
#include "dumpctl/debug_data.h"
#include "dumpctl/debug_file.h"

/* Where files are looked for. */
struct debug_places {
	const char *exe; /* --exe, absolute; NULL: not given */
	const char *sysroot; /* --sysroot; NULL: not given */
	const char *root; /* of the process; "/" if it was in no chroot */
	bool foreign; /* it was in another mount namespace */
	int64_t unchanged_since; /* of data: µs; INT64_MIN: of another host, nothing is known */
};

/* Of a module, or of a mapped file of data. */
struct debug_choice {
	const struct module *module; /* NULL: data */
	uint64_t start, end;
	char *path; /* as the core has it */
	char *plain; /* without " (deleted)" */
	bool deleted;
	struct debug_file file; /* the best that was found */
	enum debug_data data; /* of data: what is wrong with it */
	uint64_t data_end; /* of what is recorded of data; 0: nothing is, or of no use */
	bool shown; /* to the debugger */
	bool barred; /* not shown, as the debugger's user may not read it, see debug_reach.h */
	char *given; /* where the debugger opens it; NULL: at file.path */
};

struct debug_choices {
	struct debug_choice *list;
	size_t count;
	const struct debug_choice *program; /* NULL: not known */
};

/* Return: 0, -E2BIG: more files than are looked for, or -ENOMEM; on failure, too, ret is to be freed. */
int debug_choices_make(const struct debug_core *core, const struct record *record,
		       const struct debug_places *places,
		       struct debug_choices *ret) _must_check_;
void debug_choices_done(struct debug_choices *choices);

/* Where the debugger opens what it is shown. */
const char *debug_choice_where(const struct debug_choice *choice);

/* That of a module. */
const struct debug_choice *debug_choice_of(const struct debug_choices *choices,
					   const struct module *module);

/* Paths that a debugger would open by itself lead to other files than those that it is to see. */
bool debug_choices_mislead(const struct debug_core *core,
			   const struct debug_choices *choices);
