/* SPDX-License-Identifier: MIT */
/*
 * The rules: each looks at the process and says which addresses matter, and how much. One
 * rank, one rule, one file: rule_NAME.c. They run in this order.
 */
#pragma once

#include "filter/hints.h"
#include "filter/memory.h"
#include "filter/names.h"
#include "filter/notes.h"
#include "filter/ranges.h"
#include "filter/space.h"
#include "filter/type.h"

/* What rules found: what is wrong, then they keep more and the plan says so; and details. */
struct findings {
	bool loader_unreadable; /* the chain of link_maps, or a part of it: see link_map_add() */
	bool loader_endless; /* the chain has a cycle, or more nodes than any process */
	bool sp_nowhere; /* a thread's SP is outside every mapping */
	bool sp_not_offered; /* it is in one that the kernel left out */
	bool no_registers; /* a thread is the kernel's own */
	bool pc_nowhere; /* the crashing thread's PC is: a jump to nowhere */
	size_t stack_looks; /* pages, and what may be frames, that were looked at for interrupted stacks */
	size_t goroutine_looks; /* what may be goroutines, that was looked at for their stacks */
	bool hints_endless; /* hints to keep that name more ranges than are looked at */
	bool has_cost; /* pointees were paid for page by page, and cost this when compressed */
	uint64_t cost;
	bool pieces; /* untouched memory is in more pieces than have a header: untouched.h */
	bool no_files; /* NT_FILE is missing: what was never touched is not told from files */
	struct spans data; /* what the process changed of data files: data_files.h */
	struct spans names; /* strings of the linker's chain, exactly; joined */
	/*
	 * Where pages around all pointees would be too many: of pages of RANK_POINTEE only these
	 * windows stay; joined. They are within the budget.
	 */
	struct spans windows;
	bool has_windows;
};

struct view {
	const struct core *core;
	const struct notes *notes;
	const struct space *space;
	const struct memory *memory; /* NULL: the header stream is all there is */
	const struct hints *hints; /* NULL: none */
	const struct names *names; /* NULL: unknown */
	const struct type *type;
	struct findings *findings;
};

/* What stack_place() says of a thread. */
void rules_note_stack(const struct view *view, size_t i);

typedef void (*rule)(const struct view *view, struct ranges *ranges);

/* 1: the crashing thread's stack, the pages of PC and of the fault address. */
void rule_crash(const struct view *view, struct ranges *ranges);
/* 2: the dynamic linker's chain, or small memory beside objects where it cannot be read. */
void rule_loader(const struct view *view, struct ranges *ranges);
/* 3: first page and build-id of every object, the vdso. */
void rule_object(const struct view *view, struct ranges *ranges);
/* 4: what the program, or the configuration, says is to be kept. */
void rule_hint(const struct view *view, struct ranges *ranges);
/* 5: other threads' stacks, every thread's control block and TLS. */
void rule_thread(const struct view *view, struct ranges *ranges);
/* 6: changed pages of files, .bss. */
void rule_global(const struct view *view, struct ranges *ranges);
/* 7: what the tools of language runtimes read, where the process has such a runtime. */
void rule_runtime(const struct view *view, struct ranges *ranges);
/* 8: what registers and stacks point to, and what that points to. After 1 to 7. */
void rule_pointee(const struct view *view, struct ranges *ranges);
/* 9: what may be stack, too. */
void rule_far_stack(const struct view *view, struct ranges *ranges);
/* 10: all private memory. */
void rule_private(const struct view *view, struct ranges *ranges);
/* 11: private memory below stack pointers. */
void rule_dead_stack(const struct view *view, struct ranges *ranges);
/* 12: shared memory. */
void rule_shared(const struct view *view, struct ranges *ranges);
/* 13: what else the kernel offers: of files, unchanged. */
void rule_rest(const struct view *view, struct ranges *ranges);
