/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "dumpctl/verify_core.h"
#include "dumpctl/verify_dump.h"
#include "store/dump_map.h"

static int damaged(struct verify_finding *finding, const char *reason)
{
	finding->damaged = true;
	finding->reason = reason;
	return 0;
}

/* What record and journal say of sizes. */
static const char *check_sizes(const struct dump *dump, int64_t size_file)
{
	const struct record *record = dump_record(dump);

	if (record->size_header > record->size_dump)
		return "its record says that its headers are larger than all of it";
	/* the journal's: a file does not know its own size */
	if (size_file != RECORD_UNKNOWN && (uint64_t)size_file != dump_file_size(dump))
		return "its journal entry has another size";
	return NULL;
}

static const char *check_map(const struct dump *dump, int *ret_error)
{
	struct memory_map map;
	const char *reason;
	int r = dump_memory_map(dump, &map, &reason);

	*ret_error = r == -ENOMEM || r == -ESTALE ? r : 0;
	if (r == 0)
		memory_map_done(&map);
	return r == 0 || r == -ENOENT || *ret_error < 0 ? NULL : reason;
}

/* All frames, and the core that comes out of them. */
static int check_content(struct dump *dump, struct verify_finding *finding)
{
	struct verify_core verify;
	const char *reason;
	int r;

	verify_core_open(&verify);
	r = dump_extract(dump, verify_core_take, &verify, &reason);
	if (r == -ESTALE)
		finding->reason = reason;
	if (r == -ENOMEM || r == -ESTALE)
		goto out;
	if (r < 0) {
		finding->fault = *dump_fault(dump);
		r = damaged(finding, reason ? reason : strerrordesc_np(-r));
		goto out;
	}
	reason = verify_core_end(&verify);
	if (reason)
		r = damaged(finding, reason);
out:
	verify_core_close(&verify);
	return r;
}

int verify_dump(struct dump *dump, int64_t size_file, struct verify_finding *ret)
{
	const char *reason;
	int r;

	*ret = (struct verify_finding){ .cut = record_is_cut(dump_record(dump)) };
	r = check_content(dump, ret);
	if (r < 0 || ret->damaged)
		return r;
	reason = check_sizes(dump, size_file);
	if (!reason)
		reason = check_map(dump, &r);
	return reason ? damaged(ret, reason) : r;
}
