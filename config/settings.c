/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "config/config.h"
#include "config/keys.h"
#include "config/settings.h"

static const char *const type_names[DUMP_TYPE_MAX] = {
	[DUMP_NONE] = "none",	  [DUMP_TRIAGE] = "triage", [DUMP_STACKS] = "stacks",
	[DUMP_MINI] = "mini",	  [DUMP_HEAP] = "heap",	    [DUMP_FULL] = "full",
	[DUMP_CUSTOM] = "custom",
};

const char *dump_type_name(enum dump_type type)
{
	return type_names[type];
}

int dump_type_parse(const char *name, enum dump_type *ret)
{
	for (enum dump_type i = 0; i < DUMP_TYPE_MAX; i++) {
		if (strcmp(type_names[i], name) == 0) {
			*ret = i;
			return 0;
		}
	}
	return -EINVAL;
}

/* The table's texts are the only place where defaults are said; a test parses each. */
void settings_default(struct settings *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (enum setting i = 0; i < SETTING_COUNT; i++)
		(void)keys[i].parse(keys[i].value, ret);
}
