/* SPDX-License-Identifier: MIT */
/*
 * A dump that ended early has lost memory that the plan kept. gdb reads a file by its entry in NT_FILE and would
 * show the file's bytes for what the process had changed: such a mapping loses its entry then, too. Of a
 * module not its beginning, by which it is found. Where gdb knows the module it shows what its sections have all the
 * same; without the linker's list, which may be lost, it does not.
 */
#pragma once

#include "filter/plan.h"
#include "filter/rules.h"

/* Remember of a plan that is made which mappings these may be. Return: 0 or -ENOMEM. */
int data_files_remember(const struct view *view, struct plan *plan);

/* Whose memory cannot be read: more of its files count as data. After data_files_find(). */
void data_files_guess(const struct notes *notes, struct space *space);

/* As data_files_remember(), of a core that was itself written by a plan. */
int data_files_found(const struct view *view, struct plan *plan);

/*
 * The plan will be cut to a size, see plan_cut(): marks the files that have lost something; their entries and
 * the headers that name what the core does not have of them are gone. Before pieces_cut().
 */
void data_files_lost(struct plan *plan, uint64_t size);
