/* SPDX-License-Identifier: MIT */
/*
 * The core of `dumpctl debug`, parsed: modules with their build-ids, and the names that the dynamic linker has for
 * them. For the child that reads dumps (dumpctl/reader.h): what is in a core is the crashed program's choice.
 */
#pragma once

#include "filter/core.h"
#include "filter/modules.h"
#include "filter/spans.h"
#include "handler/window_core.h"

/* Modules, and names, at most. */
#define DEBUG_ELF_MODULES_MAX 4096
#define DEBUG_ELF_NAMES_MAX   DEBUG_ELF_MODULES_MAX

/* Of notes, as much is read. */
#define DEBUG_ELF_NOTES_MAX (5u << 20)

/* A module under a path: the linker's for what it loaded, as in its link_map. */
struct debug_elf_name {
	char *path; /* not empty; may be relative */
	const struct module *module;
};

struct debug_elf {
	int fd; /* the caller's; can be read and written */
	struct core core;
	struct notes notes;
	struct window_core window;
	struct modules modules;
	struct debug_elf_name *names;
	size_t name_count, names_size;
	/*
	 * What a debugger takes for the executable; NULL: not known. It is not what the kernel started where
	 * a dynamic linker was told to start it (ld.so PROGRAM).
	 */
	const struct module *program;
	bool by_linker; /* that is so */
};

/*
 * Return: 0, -EBADMSG: it is no core, -E2BIG: it has more headers or notes than are looked at, or negative errno. On
 * failure, too, ret is to be closed.
 */
int debug_elf_open(int fd, struct debug_elf *ret) _must_check_;
void debug_elf_close(struct debug_elf *core);

/* n bytes of memory at an address, all of them or false. */
bool debug_elf_read(const struct debug_elf *core, uint64_t address, void *to, size_t n);

/*
 * Memory in joined spans that the core has no bytes of is not to be read as zeros, which gdb does where the
 * file that should have them is not to be had. Return: 0 or negative errno.
 */
int debug_elf_hide(struct debug_elf *core, const struct spans *spans) _must_check_;

/*
 * The auxiliary vector as if the kernel had started the program, which ld.so itself makes of its own
 * copy: debuggers find the program by it. Return: 0 or negative errno.
 */
int debug_elf_as_started(struct debug_elf *core) _must_check_;
