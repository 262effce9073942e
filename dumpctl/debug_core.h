/* SPDX-License-Identifier: MIT */
/*
 * The temporary core of `dumpctl debug`, as far as it matters which files a debugger opens for it: its modules
 * with their build-ids, and the names that the dynamic linker has for them. What it says is the crashed
 * program's choice, and bounded: it is read by the child of dumpctl/reader.h, which is asked here. So are the files on
 * disk, which may be the same user's.
 */
#pragma once

#include "dumpctl/reader.h"
#include "filter/modules.h"
#include "filter/spans.h"
#include "store/record.h"

/* A module under a path: the linker's for what it loaded, as in its link_map. */
struct debug_name {
	char *path; /* not empty; may be relative */
	const struct module *module;
};

struct debug_core {
	struct reader *reader; /* the caller's */
	pid_t child; /* the reader's child that parsed this core; it alone can answer about it */
	unsigned int word; /* bytes of an address: 4 or 8 */
	uint16_t machine; /* EM_* */
	struct modules modules; /* without paths */
	struct file_mapping *files; /* of NT_FILE, without offsets */
	size_t file_count, files_size; /* bytes of paths */
	struct debug_name *names;
	size_t name_count;
	/*
	 * What a debugger takes for the executable; NULL: not known. It is not what the kernel started where
	 * a dynamic linker was told to start it (ld.so PROGRAM).
	 */
	const struct module *program;
	bool by_linker; /* that is so */
};

/*
 * fd can be read and written, and is the caller's. What the core lacks of build-ids the record may have. Return: 0,
 * -EBADMSG: it is no core, -E2BIG: it has more headers or notes than are looked at, or as of reader.h. On failure,
 * too, ret is to be closed.
 */
int debug_core_open(struct reader *reader, int fd, const struct record *record,
		    struct debug_core *ret) _must_check_;
void debug_core_close(struct debug_core *core);

/* Who has read it died since: what was asked of it was not answered. */
bool debug_core_is_lost(const struct debug_core *core);

/* The page of memory at an address, all of it or false. */
bool debug_core_page(const struct debug_core *core, uint64_t address, uint8_t to[PAGE]);

/* The build-id of a file on disk, which begins as an ELF file does. Return: as of reader.h. */
int debug_core_build_id(const struct debug_core *core, int fd, uint64_t size,
			struct build_id *ret) _must_check_;

/* The ELF header of a module of which nothing is known, into zeros. */
void debug_core_header(const struct debug_core *core, uint8_t *to);

/*
 * Memory in joined spans that the core has no bytes of is not to be read as zeros, which gdb does where the
 * file that should have them is not to be had. Return: as of reader.h.
 */
int debug_core_hide(const struct debug_core *core,
		    const struct spans *spans) _must_check_;

/*
 * The auxiliary vector as if the kernel had started the program, which ld.so itself makes of its own
 * copy: debuggers find the program by it. Return: as of reader.h.
 */
int debug_core_as_started(const struct debug_core *core) _must_check_;
