/* SPDX-License-Identifier: MIT */
#include "filter/trust.h"

/* Where nothing may be kept but the notes. */
static const struct type notes_only = {
	.name = "notes",
	.memory = true,
	.mapping_max = UINT64_MAX,
};

/* What is missing for the rules to see stacks; NULL: nothing. */
static const char *blind(const struct core *core, const struct notes *notes)
{
	if (core->notes_late && core->notes.n == 0)
		return "the core's notes come after its memory, so all was kept";
	if (!notes->machine)
		return "an unknown machine, so all private memory was kept";
	if (notes->thread_count == 0)
		return "the core names no thread, so all private memory was kept";
	if (notes->broken)
		return "the core's notes are broken, so all private memory was kept";
	return NULL;
}

/* triage must not get richer; what cannot be looked at cannot be scrubbed. */
static const struct type *trust_scrubbed(const struct plan_input *in,
					 const char **ret_reason)
{
	if (in->memory && !blind(in->core, in->notes))
		return in->type;
	*ret_reason = "memory cannot be looked at, so triage keeps none of it";
	return &notes_only;
}

const struct type *trust_type(const struct plan_input *in, const char **ret_reason)
{
	*ret_reason = NULL;
	if (in->hints && in->hints->unreadable) {
		*ret_reason = "the program's hints cannot be read, and they may name "
			      "secrets, so no memory was kept";
		return &notes_only;
	}
	if (in->type->scrub)
		return trust_scrubbed(in, ret_reason);
	if (type_has_all_private(in->type))
		return in->type;
	*ret_reason = blind(in->core, in->notes);
	if (*ret_reason && in->core->notes_late && in->core->notes.n == 0)
		return type_find("full");
	return *ret_reason ? type_find("heap") : in->type;
}
