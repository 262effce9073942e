/* SPDX-License-Identifier: MIT */
#include "handler/capture_release.h"

const char *release_way_name(enum release_way way)
{
	static const char *const names[RELEASE_WAYS] = {
		[RELEASE_HELD] = "held",
		[RELEASE_COPIED] = "copied",
		[RELEASE_EARLY] = "early",
	};

	return way < RELEASE_WAYS ? names[way] : names[RELEASE_HELD];
}

/* Who is started anew in the group takes as much, and a tenth for what it does meanwhile. */
static bool has_room(const struct release_facts *facts)
{
	uint64_t needed;

	if (facts->group_room == UINT64_MAX)
		return true;
	return !__builtin_add_overflow(facts->present, facts->present / 10, &needed) &&
	       needed <= facts->group_room;
}

static const char *or_else(const char *reason, const char *other)
{
	return reason ? reason : other;
}

const char *release_harm(const struct release_facts *facts)
{
	if (!facts->wanted)
		return "ReleaseEarly=no";
	if (!facts->readable)
		return "its memory cannot be read but through the pipe";
	if (facts->mapped)
		return facts->mapped;
	if (!facts->locks_known)
		return or_else(facts->locks_reason,
			       "it is not known which of its files are locked");
	if (facts->group_reason)
		return facts->group_reason;
	if (!has_room(facts))
		return "its memory control group has no room for it twice";
	if (facts->resident > facts->pinnable)
		return facts->resident == UINT64_MAX
			       ? "it has huge pages, or what it has in memory is unknown"
			       : "the machine has no room for it twice";
	return NULL;
}

bool release_is_small(const struct release_facts *facts)
{
	return facts->kept <= facts->small;
}

/* Return: why all of a larger process is copied first; NULL: it need not. */
static const char *changes(const struct release_facts *facts)
{
	if (facts->sharing == PROCESS_SHARED)
		return "another process shares its memory";
	if (facts->sharing != PROCESS_ALONE)
		return or_else(
			facts->sharing_reason,
			"it is not known whether another process shares its memory");
	if (facts->is_32_bit)
		return "it is a 32-bit process: where its robust futexes are is unknown";
	if (facts->shadow_stacks)
		return "its shadow stacks are gone when its threads have ended";
	if (facts->unknown_threads)
		return "a thread is of no known kind: which word the kernel clears as it "
		       "ends is unknown";
	if (facts->unseen_rings)
		return "it has an io_uring whose ring may be in memory of its own, where the "
		       "kernel writes as it ends";
	if (!facts->robust_known)
		return "not all of its robust futexes could be found";
	if (facts->changing > RELEASE_OVERLAY_MAX)
		return "much of its memory is shared, or of files";
	if (facts->changing > facts->room)
		return "what changes as it ends is more than may wait in memory (SpoolMax)";
	return NULL;
}

struct release release_decide(const struct release_facts *facts)
{
	const char *reason = release_harm(facts);

	if (reason)
		return (struct release){ RELEASE_HELD, reason };
	if (release_is_small(facts))
		return (struct release){ RELEASE_COPIED, "what is kept of it is small" };
	reason = changes(facts);
	if (reason)
		return (struct release){ RELEASE_COPIED, reason };
	return (struct release){ RELEASE_EARLY,
				 "what changes as it ends was copied first" };
}
