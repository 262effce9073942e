/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "dumpctl/reader_output.h"

static const uint8_t zeros[64 * 1024];

static int write_zeros(int fd, size_t n)
{
	int r = 0;

	while (n > 0 && r == 0) {
		size_t part = n < sizeof(zeros) ? n : sizeof(zeros);

		r = io_write_full(fd, zeros, part);
		n -= part;
	}
	return r;
}

static int tell(struct reader_output *output)
{
	int64_t now = clock_usec(CLOCK_MONOTONIC);

	if (now - output->told < output->step)
		return 0;
	output->told = now;
	return output->progress(output->context, output->done);
}

int reader_output_take(void *context, const uint8_t *p, size_t n)
{
	struct reader_output *output = context;
	int r = 0;

	if (p)
		r = io_write_full(output->fd, p, n);
	else if (!output->sparse)
		r = write_zeros(output->fd, n);
	else if (lseek(output->fd, (off_t)n, SEEK_CUR) < 0)
		r = -errno;
	output->error = r;
	output->tail_hole = output->sparse && !p;
	output->done += n;
	return r == 0 ? tell(output) : r;
}

int reader_output_end(struct reader_output *output)
{
	off_t end;

	if (!output->tail_hole)
		return 0;
	end = lseek(output->fd, 0, SEEK_CUR);
	if (end < 0 || ftruncate(output->fd, end) < 0)
		return -errno;
	return 0;
}
