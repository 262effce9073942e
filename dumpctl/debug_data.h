/* SPDX-License-Identifier: MIT */
/*
 * Is a file of data the one that was mapped, with the content that it had at the crash? There is no build-id to
 * say so: what does is its device and inode, as recorded at the crash, and the time of its last change. In doubt it
 * is not, for nobody would see that a value is of another file.
 */
#pragma once

#include "handler/capture_mappings.h"
#include "store/record.h"

enum debug_data {
	DEBUG_DATA_SAME,
	DEBUG_DATA_CHANGED, /* since the crash or shortly before, or nothing is known of that */
	DEBUG_DATA_OTHER, /* another file */
	DEBUG_DATA_UNTOLD, /* its file system does not tell of every change */
	DEBUG_DATA_UNRECORDED, /* which file it was */
	DEBUG_DATA_COUNT,
};

/* What the record has of the file that was mapped at an address. Return: false: nothing. */
bool debug_data_recorded(const struct record *record, uint64_t address,
			 struct capture_mapping *ret);

/*
 * The file at a path below a directory, as of debug_file_open(); time: of the crash, in µs. *ret_path, if it is the
 * same: where it is, a new string.
 */
enum debug_data debug_data_judge(const char *root, const char *path,
				 const struct capture_mapping *recorded, int64_t time,
				 char **ret_path);
