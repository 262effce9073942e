/* SPDX-License-Identifier: MIT */
/*
 * From the beginning of a source to a core's headers and notes.
 */
#pragma once

#include "filter/core.h"
#include "handler/report.h"
#include "handler/source.h"

/*
 * Feed an initialised core until headers and notes are there; notes behind the memory are read
 * now if the source can be read there. Return: 0; -ENODATA: it ended before; -EBADMSG: see
 * core->problem; or negative errno.
 */
int header_read(struct source *source, struct core *core) _must_check_;

/* What to tell people of such an error. */
void header_say(struct report *report, const struct core *core,
		const struct source *source, int error);
