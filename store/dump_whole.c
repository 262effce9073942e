/* SPDX-License-Identifier: MIT */
/* All of a dump that was opened. Its frames are taken apart by dump_extract.c. */
#include <errno.h>

#include "store/dump_extract.h"
#include "store/dump_opened.h"

int dump_extract(struct dump *dump, dump_sink sink, void *context,
		 const char **ret_reason)
{
	const struct dump_extract what = {
		.fd = dump->fd,
		.file_size = dump->size,
		.limit = (uint64_t)dump->record.size_dump,
		.sink = sink,
		.context = context,
	};
	int r = dump_check(dump, ret_reason);

	dump->fault = (struct dump_fault){ 0 };
	/* Nothing goes out of a file that is known to be cut. */
	if (r < 0)
		return r;
	r = dump_extract_run(&what, &dump->fault);
	if (ret_reason)
		*ret_reason = dump->fault.reason;
	r = dump_result(dump->fd, r, ret_reason);
	if (r == -ESTALE)
		dump->fault = (struct dump_fault){ 0 };
	return r;
}

const struct dump_fault *dump_fault(const struct dump *dump)
{
	return &dump->fault;
}
