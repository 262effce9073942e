/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "dumpctl/info_container.h"

static char *claim_of(const struct record *record)
{
	_cleanup_free_ char *claim =
		escape_text(record->container_claim, strlen(record->container_claim));
	char *text;

	if (!claim || asprintf(&text, "%s, as its user claims; not verified", claim) < 0)
		return NULL;
	return text;
}

char *info_container(const struct index_entry *entry)
{
	const struct record *record = &entry->record;
	const char *raw_runtime = record->container_runtime,
		   *raw_id = record->container_id;
	_cleanup_free_ char *runtime = NULL, *id = NULL;
	char *text;

	if (!raw_id)
		return record->container_claim ? claim_of(record) : strdup("");
	runtime = escape_text(raw_runtime ? raw_runtime : "",
			      raw_runtime ? strlen(raw_runtime) : 0);
	id = escape_text(raw_id, strlen(raw_id));
	if (!runtime || !id ||
	    asprintf(&text, "%s%s%s", runtime, runtime[0] ? " " : "", id) < 0)
		return NULL;
	return text;
}
