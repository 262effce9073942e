/* SPDX-License-Identifier: MIT */
/*
 * Files that are mapped privately and are no modules (mapped ELF files): a database, an archive of classes.
 * What the process changed of a module is kept whatever it costs, because a debugger reads the rest out of
 * the file; of these it counts in the budget. So where not all of it is kept the mapping loses its entry
 * in NT_FILE, and a debugger has nothing to read in its stead.
 */
#pragma once

#include "filter/rules.h"

/*
 * Tell them from modules: sets is_data of the space's areas, and is_nowhere. A module that is deleted keeps its program
 * headers: elfutils finds no module without them, and a debugger may know the file by another name. The window may
 * be missing.
 */
void data_files_find(const struct notes *notes, const struct memory *memory,
		     struct space *space);

/* Add what the process changed of them, all of those that it can write; into findings->data, too. */
void data_files_add(const struct view *view, struct ranges *ranges);

/*
 * Those that have lost something: sets is_cut. kept: disjoint, by address; blanks: what of it is left out
 * all the same, joined. Return: how many.
 */
size_t data_files_cut(const struct spans *data, const struct ranges *kept,
		      const struct spans *blanks, struct space *space);

/* notes without the NT_FILE entries of what is cut, at most as many bytes. Return: how many. */
size_t data_files_notes(const struct space *space, unsigned int word, struct bytes notes,
			uint8_t *to);
