/* SPDX-License-Identifier: MIT */
/*
 * Stored dumps, read to their last byte; many at a time, as who asks and who answers need not wait for each other.
 */
#pragma once

#include "dumpctl/reader.h"
#include "dumpctl/verify_dump.h"

struct reader_verify {
	int fd; /* borrowed */
	const char *id; /* of the dump that it shall be; NULL: any */
	int64_t size_file; /* as the journal has it; RECORD_UNKNOWN */
};

/*
 * Told of the i-th dump. error: as of reader.h; also -EREMCHG: it is another dump. found, without an error: valid
 * until it returns, as reader->reason is.
 */
typedef void reader_verify_tell(void *context, size_t i, int error,
				const struct verify_finding *found);

/* At most READER_FDS; each is told of, in this order. */
void reader_verify(struct reader *reader, const struct reader_verify *dumps, size_t n,
		   reader_verify_tell *tell, void *context);
