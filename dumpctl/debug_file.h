/* SPDX-License-Identifier: MIT */
/*
 * Is a file the one that was mapped? Paths come out of a dump, or from the command line: nothing is
 * opened but regular files, and nothing waits for a FIFO or a device.
 */
#pragma once

#include <stdbool.h>

#include "dumpctl/debug_core.h"

enum debug_verdict {
	DEBUG_RIGHT, /* the same build-id */
	DEBUG_UNVERIFIED, /* without a build-id; the first page is the same */
	DEBUG_OTHER, /* another file */
	DEBUG_UNKNOWN, /* the dump has neither build-id nor first page */
	DEBUG_GONE, /* there is no such file; error says why */
};

struct debug_file {
	enum debug_verdict verdict;
	char *path; /* without links; NULL: gone */
	struct build_id build_id; /* of the file */
	int error; /* -ENOENT, ...; -EMEDIUMTYPE: not a regular file */
};

/*
 * Opens a regular file for reading, at a path below a directory (as below). *ret_path: where it is, a new string.
 * Return: a descriptor, -EMEDIUMTYPE: not a regular file, or negative errno.
 */
int debug_file_open(const char *root, const char *path, char **ret_path);

/*
 * The file at a path below a directory (links, absolute ones and .. among them, do not leave it; "/" for all
 * there is), compared with a module.
 */
void debug_file_judge(const struct debug_core *core, const struct module *module,
		      const char *root, const char *path, struct debug_file *ret);
void debug_file_done(struct debug_file *file);

/* The same of a descriptor. *ret: the build-id of the file. Never DEBUG_GONE. */
enum debug_verdict debug_file_compare(const struct debug_core *core,
				      const struct module *module, int fd,
				      struct build_id *ret);

/* Is a path, as a debugger would open it, the very file that was judged? */
bool debug_file_is(const struct debug_file *file, const char *path);
