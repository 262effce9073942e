/* SPDX-License-Identifier: MIT */
/*
 * When a process is released: each fact that stands against it, alone, changes the way, of a small process
 * and of a larger one.
 */
#include <string.h>

#include "tests/unit/table.h"

#include "handler/capture_release.h"

#define MIB (UINT64_C(1) << 20)

/* Nothing stands against it, and it is larger than what is small. */
static const struct release_facts good = {
	.wanted = true,
	.readable = true,
	.locks_known = true,
	.resident = 100 * MIB,
	.pinnable = 1000 * MIB,
	.present = 100 * MIB,
	.group_room = UINT64_MAX,
	.kept = 80 * MIB,
	.small = 32 * MIB,
	.sharing = PROCESS_ALONE,
	.robust_known = true,
	.changing = MIB,
	.room = 64 * MIB,
};

struct row {
	const char *name;
	size_t at, size; /* of the member that is another */
	uint64_t number; /* its value; 0 and text: a text */
	const char *text;
	enum release_way larger, small;
	const char *reason; /* of the larger one */
};

#define NUMBER(member, value)                   \
	offsetof(struct release_facts, member), \
		sizeof(((struct release_facts *)NULL)->member), (value), NULL
#define TEXT(member, text) \
	offsetof(struct release_facts, member), sizeof(const char *), 0, (text)
#define HELD   RELEASE_HELD
#define COPIED RELEASE_COPIED
#define EARLY  RELEASE_EARLY

static const struct row rows[] = {
	{ "nothing", NUMBER(wanted, true), EARLY, COPIED,
	  "what changes as it ends was copied first" },

	{ "ReleaseEarly=no", NUMBER(wanted, false), HELD, HELD, "ReleaseEarly=no" },
	{ "through the pipe", NUMBER(readable, false), HELD, HELD,
	  "its memory cannot be read but through the pipe" },
	{ "a mapping that harms", TEXT(mapped, "it maps a socket"), HELD, HELD,
	  "it maps a socket" },
	{ "locks are unknown", NUMBER(locks_known, false), HELD, HELD,
	  "it is not known which of its files are locked" },
	{ "the group cannot be read", TEXT(group_reason, "no such group"), HELD, HELD,
	  "no such group" },
	{ "the group is full", NUMBER(group_room, 0), HELD, HELD,
	  "its memory control group has no room for it twice" },
	{ "the group has room for it, not for a tenth more",
	  NUMBER(group_room, 110 * MIB - 1), HELD, HELD,
	  "its memory control group has no room for it twice" },
	{ "the group has room", NUMBER(group_room, 110 * MIB), EARLY, COPIED,
	  "what changes as it ends was copied first" },
	{ "unknown size, no limit", NUMBER(present, UINT64_MAX), EARLY, COPIED,
	  "what changes as it ends was copied first" },
	{ "the machine has no room", NUMBER(pinnable, 100 * MIB - 1), HELD, HELD,
	  "the machine has no room for it twice" },
	{ "huge pages", NUMBER(resident, UINT64_MAX), HELD, HELD,
	  "it has huge pages, or what it has in memory is unknown" },

	{ "another process has its memory", NUMBER(sharing, PROCESS_SHARED), COPIED,
	  COPIED, "another process shares its memory" },
	{ "unknown who has its memory", NUMBER(sharing, PROCESS_SHARING_UNKNOWN), COPIED,
	  COPIED, "it is not known whether another process shares its memory" },
	{ "32 bits", NUMBER(is_32_bit, true), COPIED, COPIED,
	  "it is a 32-bit process: where its robust futexes are is unknown" },
	{ "shadow stacks", NUMBER(shadow_stacks, true), COPIED, COPIED,
	  "its shadow stacks are gone when its threads have ended" },
	{ "a ring in memory of its own", NUMBER(unseen_rings, true), COPIED, COPIED,
	  "it has an io_uring whose ring may be in memory of its own, where the kernel "
	  "writes as it ends" },
	{ "one thread is unknown", NUMBER(unknown_threads, 1), COPIED, COPIED,
	  "a thread is of no known kind: which word the kernel clears as it ends is "
	  "unknown" },
	{ "robust futexes are unknown", NUMBER(robust_known, false), COPIED, COPIED,
	  "not all of its robust futexes could be found" },
	{ "as much is shared as can be", NUMBER(changing, 64 * MIB), EARLY, COPIED,
	  "what changes as it ends was copied first" },
	{ "more is shared", NUMBER(changing, 64 * MIB + 1), COPIED, COPIED,
	  "much of its memory is shared, or of files" },
	{ "the spool has no room for it", NUMBER(room, MIB - 1), COPIED, COPIED,
	  "what changes as it ends is more than may wait in memory (SpoolMax)" },
	{ "the spool has just the room", NUMBER(room, MIB), EARLY, COPIED,
	  "what changes as it ends was copied first" },
	{ "no memory for what is shared", NUMBER(changing, UINT64_MAX), COPIED, COPIED,
	  "much of its memory is shared, or of files" },
	{ "as much as is small", NUMBER(kept, 32 * MIB), COPIED, COPIED,
	  "what is kept of it is small" },
	{ "a byte more", NUMBER(kept, 32 * MIB + 1), EARLY, COPIED,
	  "what changes as it ends was copied first" },
};

static struct release_facts facts_of(const struct row *row)
{
	struct release_facts facts = good;
	const void *value = row->text ? (const void *)&row->text : &row->number;

	memcpy((char *)&facts + row->at, value, row->size);
	return facts;
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct release_facts facts = facts_of(row);
	struct release release = release_decide(&facts);

	assert_int_equal(release.way, row->larger);
	assert_string_equal(release.reason, row->reason);
	facts.kept = MIB;
	release = release_decide(&facts);
	assert_int_equal(release.way, row->small);
	if (row->small == HELD)
		assert_string_equal(release.reason, row->reason);
}

/* Of a fact that cannot be had the parent says why. */
static void test_reasons(void **state)
{
	struct release_facts facts = good;

	(void)state;
	facts.sharing = PROCESS_SHARING_UNKNOWN;
	facts.sharing_reason = "too many processes";
	assert_string_equal(release_decide(&facts).reason, "too many processes");
	facts.locks_known = false;
	facts.locks_reason = "fdinfo cannot be read";
	assert_string_equal(release_decide(&facts).reason, "fdinfo cannot be read");
}

/* Nothing is known. */
static void test_nothing(void **state)
{
	const struct release_facts facts = { 0 };

	(void)state;
	assert_int_equal(release_decide(&facts).way, RELEASE_HELD);
	assert_non_null(release_decide(&facts).reason);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(release_way_name(RELEASE_HELD), "held");
	assert_string_equal(release_way_name(RELEASE_COPIED), "copied");
	assert_string_equal(release_way_name(RELEASE_EARLY), "early");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_names),
	};

	return RUN_TABLE(rows, test_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
