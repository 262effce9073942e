/* SPDX-License-Identifier: MIT */
/*
 * A frame that is too large to be held in memory: headers of a process with very many mappings,
 * or a hostile file's. A part at a time, in bounded memory.
 */
#pragma once

#include "store/dump_output.h"
#include "store/seek.h"

/*
 * Exactly what the table says must come out of it. Return: 0; -EBADMSG, -ENODATA, -ENOMEM or
 * negative errno, *ret_reason is then static text; or what the sink returned, and NULL.
 */
int dump_large_extract(int fd, const struct seek_frame *frame, struct dump_output *output,
		       const char **ret_reason) _must_check_;
