/* SPDX-License-Identifier: MIT */
/*
 * A plan carried out on the stream of a built core, and what came of it: the report, and the
 * stored file, which is a valid core.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "handler/write.h"
#include "tests/unit/core_builder.h"

#define WRITTEN_ROWS 7

struct written {
	struct core_builder b;
	struct built file; /* the whole core */
	struct built expected; /* the whole new core */
	const char *type;
	size_t trailer; /* bytes behind memory; a cut has them elsewhere */
	size_t pieces; /* for the drop map, made up */
	unsigned int threads;
	uint64_t room; /* bytes that the file may take; 0: no limit */
	/* of the last run */
	int fd;
	int r;
	struct report report;
	size_t header_size;
};

struct written_row {
	const char *name;
	const char *type;
	uint16_t machine;
	uint32_t shuffle;
	bool notes_late;
	unsigned int threads;
};

extern const struct written_row written_rows[WRITTEN_ROWS];
/* The caller packs all, and may hold the process as long as it likes. */
extern const struct write_means written_alone;

void written_up(struct written *f, const struct written_row *row);
void written_done(struct written *f);
/* The plan for a core of which headers were read, and its notes. */
void written_plan(const struct written *f, const struct core *core,
		  struct notes *ret_notes, struct plan *ret_plan);
/* What the whole new core is, once the file is built. */
void written_expect(struct written *f);

/* The first n bytes of the core, as a file at its beginning. */
int written_stream(const struct built *file, size_t n);
/* As the worker does. Return: false if the stream ends in the headers. */
bool written_read_header(struct source *source, struct core *core);

/* The first n bytes of the stream, with the file not above limit (0: none). */
bool written_run(struct written *f, size_t n, rlim_t limit);
/* What is in the file is a core, as long as the report says, with the right memory. */
void written_check(struct written *f);
