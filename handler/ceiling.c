/* SPDX-License-Identifier: MIT */
#include "filter/type.h"
#include "handler/ceiling.h"

static const struct type *mini(void)
{
	return type_find(dump_type_name(DUMP_MINI));
}

/* Notes and stacks alone; of the rest, triage has a budget of its own. */
static bool has_budget(enum dump_type type)
{
	return type == DUMP_STACKS || type == DUMP_MINI || type == DUMP_CUSTOM;
}

bool ceiling_is_above_mini(const struct settings *settings)
{
	struct settings lower = *settings;

	return ceiling_lower(CEILING_MINI, &lower);
}

static bool lower_to_mini(struct settings *settings)
{
	bool rich = settings->type == DUMP_HEAP || settings->type == DUMP_FULL;
	bool extra = settings->type == DUMP_CUSTOM && (settings->ranks & ~mini()->ranks);
	bool large = (rich || has_budget(settings->type)) &&
		     settings->budget > mini()->budget;

	if (rich)
		settings->type = DUMP_MINI;
	if (extra)
		settings->ranks &= mini()->ranks;
	if (large)
		settings->budget = mini()->budget;
	return rich || extra || large;
}

bool ceiling_lower(enum ceiling ceiling, struct settings *settings)
{
	bool lowered;

	switch (ceiling) {
	case CEILING_MINI:
		return lower_to_mini(settings);
	case CEILING_RECORD:
		lowered = settings->type != DUMP_NONE;
		settings->type = DUMP_NONE;
		return lowered;
	default:
		return false;
	}
}
