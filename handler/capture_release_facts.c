/* SPDX-License-Identifier: MIT */
#include <linux/io_uring.h>
#include <stdlib.h>

#include "handler/capture_kernel_writes.h"
#include "handler/capture_mappings.h"
#include "handler/capture_release_facts.h"

/* Memory that is copied in 20 ms: for that moment all that the machine has may be pinned. */
#define MOMENT (UINT64_C(64) << 20)

/* What is copied at once with the least spool there is. */
#define LEAST_SPOOL (UINT64_C(4) << 20)

static struct bytes maps_of(const struct process *process)
{
	const struct blob *maps = &process->files[PROCESS_MAPS];

	return (struct bytes){ (const uint8_t *)maps->bytes, maps->bytes ? maps->n : 0 };
}

/*
 * What the process has in memory, which would stay for longer than the process. Of huge pages there is
 * a fixed number: who is started anew may need the very same ones.
 */
static uint64_t resident(const struct process *process)
{
	const char *status = process->files[PROCESS_STATUS].bytes;
	int64_t kib = status ? process_status_number(status, "VmRSS:") : -1;

	if (kib < 0 || process_status_number(status, "HugetlbPages:") > 0)
		return UINT64_MAX;
	return (uint64_t)kib * 1024;
}

/*
 * How much of it may be pinned. What is started anew has to have room beside it for as long as it takes to
 * copy what is kept: a mini dump is a moment, in which nobody gets as large again.
 */
static uint64_t pinnable(const struct release_ask *ask)
{
	return ask->plan->memory <= MOMENT ? ask->available : ask->available / 4;
}

static bool is_locked(const struct process_locks *locks,
		      const struct capture_mapping *mapping)
{
	for (size_t i = 0; i < locks->count; i++) {
		const struct process_lock *lock = &locks->locks[i];

		if (lock->inode == mapping->inode && lock->major == mapping->major &&
		    lock->minor == mapping->minor)
			return true;
	}
	return false;
}

/* Mappings of io_uring(7) that were seen so far: a ring has one of each at most. */
struct rings {
	size_t queues, entries;
};

/* Return: whether more rings are mapped than the process has descriptors of. */
static bool is_closed(const struct capture_mapping *mapping,
		      const struct process_locks *locks, struct rings *rings)
{
	if (mapping->offset == IORING_OFF_SQ_RING)
		rings->queues++;
	else if (mapping->offset == IORING_OFF_SQES)
		rings->entries++;
	return locks->rings == 0 || rings->queues > locks->rings ||
	       rings->entries > locks->rings;
}

/* Return: what it refers to; NULL: nothing that a pin harms. */
static const char *harm_of(const struct capture_mapping *mapping,
			   const struct process_locks *locks, struct rings *rings)
{
	static const char *const harms[MAPPING_KINDS] = {
		[MAPPING_SYSV] = "it maps a System V shared memory segment",
		[MAPPING_DEVICE] = "it maps a device",
		[MAPPING_SOCKET] = "it maps a socket",
		[MAPPING_AIO] = "it uses native AIO: it maps a ring of io_setup(2)",
		[MAPPING_ANON_INODE] = "it maps what is neither a file nor memory",
		[MAPPING_UNKNOWN] = "it is not known what it maps",
	};

	if (mapping->kind == MAPPING_IO_URING && is_closed(mapping, locks, rings))
		return "it maps an io_uring whose descriptor is closed";
	if (mapping->kind == MAPPING_IO_URING && locks->registered)
		return "it maps an io_uring with registered files";
	if (mapping->kind == MAPPING_FILE && is_locked(locks, mapping))
		return "it maps a file that it has locked";
	return harms[mapping->kind];
}

static const char *harm_of_all(const struct process *process)
{
	const struct bytes text = maps_of(process);
	struct capture_mapping mapping;
	const char *harm = NULL;
	struct rings rings = { 0 };
	size_t at = 0;

	if (!text.n || process->files[PROCESS_MAPS].cut)
		return "not all of its mappings are known";
	while (!harm && capture_mapping_next(text, &at, &mapping))
		harm = harm_of(&mapping, &process->locks, &rings);
	return harm;
}

/* IORING_SETUP_NO_MMAP: the ring is in memory that the process gave, and looks like any other. */
static bool has_unseen_rings(const struct process *process)
{
	const struct bytes text = maps_of(process);
	struct capture_mapping mapping;
	size_t at = 0, mapped = 0;

	while (capture_mapping_next(text, &at, &mapping))
		mapped += mapping.kind == MAPPING_IO_URING &&
			  mapping.offset == IORING_OFF_SQ_RING;
	return process->locks.open_rings > mapped;
}

static void read_harm(const struct release_ask *ask, struct release_facts *facts)
{
	const struct process *process = ask->process;
	uint64_t first;

	facts->wanted = ask->wanted;
	facts->readable = ask->memory && source_memory_suffices(ask->memory, ask->plan) &&
			  source_memory_first(ask->memory, &first);
	if (!facts->wanted || !facts->readable)
		return;
	facts->mapped = harm_of_all(process);
	facts->locks_known = process->locks.known;
	facts->locks_reason = process->locks.reason;
	facts->resident = resident(process);
	facts->pinnable = pinnable(ask);
	facts->present = process->present;
	facts->group_room = process->group.room;
	facts->group_reason = process->group.reason;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void read_size(const struct release_ask *ask, struct release_facts *facts)
{
	const struct plan *plan = ask->plan;
	uint64_t spool = ask->spool > LEAST_SPOOL ? ask->spool : LEAST_SPOOL, files, both;

	facts->small = least(PROCESS_SMALL, spool);
	facts->room = spool;
	facts->kept = plan->size - plan->header_size;
	if (facts->kept <= facts->small)
		return;
	/* of files what does not exist is loaded, so that all of it counts */
	files = source_memory_kept_files(ask->memory, plan);
	if (!__builtin_add_overflow(files, ask->process->present, &both))
		facts->kept = least(facts->kept, both);
	if (facts->kept > facts->small && files <= facts->small)
		facts->kept = source_memory_kept(ask->memory, plan, facts->small);
}

static void add_found(const struct area *area, const struct capture_mapping *mapping,
		      struct spans *found)
{
	const uint64_t end = least(mapping->end, area->content_end);

	spans_add(found, area->segment->offset + (mapping->start - area->start),
		  area->segment->offset + (end - area->start));
}

/*
 * files: private mappings of files as well. A page of one that was not changed is the file's, and who writes to that
 * changes it; one that was changed is taken away by who cuts the file short (mm/truncate.c, unmap_mapping_range()
 * with even_cows), as `cp` over a file does.
 */
static void find_others(const struct release_ask *ask, const struct space *space,
			bool files, struct spans *found)
{
	const struct bytes text = maps_of(ask->process);
	struct capture_mapping mapping;
	size_t at = 0;

	while (capture_mapping_next(text, &at, &mapping)) {
		const struct area *area =
			mapping.shared || files ? space_at(space, mapping.start) : NULL;

		if (area && area->content_end > mapping.start)
			add_found(area, &mapping, found);
	}
	spans_join(found);
}

static void add_others(const struct release_ask *ask, const struct space *space,
		       bool files, struct overlay *overlay)
{
	struct spans found = { 0 };

	find_others(ask, space, files, &found);
	overlay_add_kept(overlay, ask->plan, &found);
	spans_done(&found);
}

static bool has_all(const struct spans *spans, uint64_t start, uint64_t end)
{
	size_t i = spans_above(spans, start);

	return i < spans->count && spans->spans[i].start <= start &&
	       spans->spans[i].end >= end;
}

/* A page of shared memory that this process has not touched may be another's, who changes it. */
static bool has_shared(const struct release_ask *ask, const struct spans *existing)
{
	struct overlay shared;
	struct space space;
	bool has;

	if (space_build(ask->core, ask->notes, &space) < 0)
		return false;
	overlay_init(&shared);
	add_others(ask, &space, false, &shared);
	has = !shared.failed;
	for (size_t i = 0; has && i < shared.count; i++)
		has = has_all(existing, shared.pieces[i].offset,
			      shared.pieces[i].offset + shared.pieces[i].size);
	overlay_done(&shared);
	space_done(&space);
	return has;
}

static bool copy_pages(const struct release_ask *ask, const struct source_pages *pages,
		       struct overlay *overlay)
{
	overlay_add_spans(overlay, &pages->spans);
	return overlay_seal(overlay) <= RELEASE_OVERLAY_MAX &&
	       overlay_copy(overlay, ask->memory) == 0;
}

bool release_rest(const struct release_ask *ask, struct overlay *overlay)
{
	struct source_pages pages;
	bool done = source_memory_existing(ask->memory, ask->plan, &pages) &&
		    has_shared(ask, &pages.spans) && copy_pages(ask, &pages, overlay);

	spans_done(&pages.spans);
	return done;
}

bool release_scattered(const struct release_ask *ask, struct overlay *overlay)
{
	struct source_pages pages;
	bool done = source_memory_existing(ask->memory, ask->plan, &pages) &&
		    pages.learnt && pages.absent == 0 &&
		    pages.spans.count >= RELEASE_SCATTERED &&
		    copy_pages(ask, &pages, overlay);

	if (!done) {
		overlay_done(overlay);
		overlay_init(overlay);
	}
	spans_done(&pages.spans);
	return done;
}

static void read_changes(const struct release_ask *ask, const struct space *space,
			 struct overlay *overlay, struct release_facts *facts)
{
	struct kernel_writes writes = {
		.mem_fd = ask->mem_fd,
		.notes = ask->notes,
		.space = space,
		.overlay = overlay,
	};

	if (pagemap_open(ask->pagemap_fd, &writes.pagemap) < 0)
		return;
	add_others(ask, space, true, overlay);
	facts->unknown_threads = kernel_writes_threads(&writes);
	facts->robust_known = kernel_writes_robust(&writes, &ask->process->robust);
	facts->changing = overlay_seal(overlay);
	pagemap_close(&writes.pagemap);
}

/* A larger process'. */
static void read_end(const struct release_ask *ask, struct overlay *overlay,
		     struct release_facts *facts)
{
	struct space space;

	facts->sharing = ask->process->sharing.answer;
	facts->sharing_reason = ask->process->sharing.reason;
	if (facts->sharing == PROCESS_ALONE && ask->process->sharing.parent_only) {
		facts->sharing = PROCESS_SHARING_UNKNOWN;
		facts->sharing_reason =
			"only its parent was asked whether it shares its memory";
	}
	facts->unseen_rings = has_unseen_rings(ask->process);
	facts->is_32_bit = ask->core->header.word != 8;
	facts->shadow_stacks = kernel_writes_shadow_stacks(ask->core->notes);
	if (space_build(ask->core, ask->notes, &space) == 0) {
		read_changes(ask, &space, overlay, facts);
		space_done(&space);
	}
}

void release_facts_read(const struct release_ask *ask, struct overlay *overlay,
			struct release_facts *ret)
{
	*ret = (struct release_facts){ .present = UINT64_MAX, .changing = UINT64_MAX };
	read_harm(ask, ret);
	if (release_harm(ret))
		return;
	read_size(ask, ret);
	if (!release_is_small(ret))
		read_end(ask, overlay, ret);
}
