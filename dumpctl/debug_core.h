/* SPDX-License-Identifier: MIT */
/*
 * The temporary core of `dumpctl debug`, as far as it matters which files a debugger opens for it: its modules
 * with their build-ids, and the names that the dynamic linker has for them. What it says is the crashed
 * program's choice, and bounded.
 */
#pragma once

#include "filter/core.h"
#include "filter/modules.h"
#include "filter/spans.h"
#include "handler/window_core.h"
#include "store/record.h"

/* A module under a path: the linker's for what it loaded, as in its link_map. */
struct debug_name {
	char *path; /* not empty; may be relative */
	const struct module *module;
};

struct debug_core {
	int fd; /* the caller's; can be read and written */
	struct core core;
	struct notes notes;
	struct window_core window;
	struct modules modules;
	struct debug_name *names;
	size_t name_count, names_size;
	/*
	 * What a debugger takes for the executable; NULL: not known. It is not what the kernel started where
	 * a dynamic linker was told to start it (ld.so PROGRAM).
	 */
	const struct module *program;
	bool by_linker; /* that is so */
};

/*
 * What the core lacks of build-ids the record may have. Return: 0, -EBADMSG: it is no core, -E2BIG: it has
 * more headers or notes than are looked at, or negative errno. On failure, too, ret is to be closed.
 */
int debug_core_open(int fd, const struct record *record,
		    struct debug_core *ret) _must_check_;
void debug_core_close(struct debug_core *core);

/* n bytes of memory at an address, all of them or false. */
bool debug_core_read(const struct debug_core *core, uint64_t address, void *to, size_t n);

/* The ELF header of a module of which nothing is known, into zeros. */
void debug_core_header(const struct debug_core *core, uint8_t *to);

/*
 * Memory in joined spans that the core has no bytes of is not to be read as zeros, which gdb does where the
 * file that should have them is not to be had. Return: 0 or negative errno.
 */
int debug_core_hide(struct debug_core *core, const struct spans *spans) _must_check_;

/*
 * The auxiliary vector as if the kernel had started the program, which ld.so itself makes of its own
 * copy: debuggers find the program by it. Return: 0 or negative errno.
 */
int debug_core_as_started(struct debug_core *core) _must_check_;
