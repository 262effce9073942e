/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dumpctl/kmsg.h"

/* kernel/printk/internal.h: PRINTK_MESSAGE_MAX is 2048; escaped four times that. */
#define RECORD_SIZE 8192

/* A log buffer of 64 MiB has fewer; who writes faster than this is read does not keep us. */
#define RECORDS_MAX 1000000

/* include/linux/ratelimit_types.h: so many lines of one kind in that time. */
#define BURST	 10
#define INTERVAL INT64_C(5000000)

/* The kernel's own words have facility 0, which it gives to nobody else. */
#define FACILITY_SHIFT 3

/*
 * Linux 6.10 and later (fs/coredump.c, coredump_report_failure()), ten in five seconds at most; how many
 * more there were comes before the next one that is written, in the name of the function:
 *   4,29250,34434239511,-;coredump: 4340(tiny): over core_pipe_limit, skipping core dump
 *   4,29310,34442243291,-;coredump_pipe: 16 callbacks suppressed
 *   4,29311,34442243292,-;coredump: 4377(tiny): over core_pipe_limit, skipping core dump
 * Before, without such a limit:
 *   4,1234,12345678,-;Pid 4340(tiny) over core_pipe_limit
 *   4,1235,12345679,-;Skipping core dump
 */
static const struct {
	const char *begins, *ends;
} forms[] = {
	{ "coredump: ", ": over core_pipe_limit, skipping core dump" },
	{ "Pid ", ") over core_pipe_limit" },
};

static const char *const functions[] = { "coredump_pipe: ", "do_coredump: " };

static const char suppressed[] = " callbacks suppressed";

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static bool ends(const char *text, size_t n, const char *with)
{
	size_t length = strlen(with);

	return n >= length && memcmp(text + n - length, with, length) == 0;
}

/* A name in the middle is the program's choice, and may be any of these words. */
static bool is_drop(const char *text, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (begins(text, forms[i].begins) && ends(text, n, forms[i].ends))
			return true;
	}
	return false;
}

static uint64_t kept_back(const char *text, size_t n)
{
	uint64_t count;

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		if (begins(text, functions[i]) && ends(text, n, suppressed) &&
		    sscanf(text + strlen(functions[i]), "%" SCNu64, &count) == 1)
			return count;
	}
	return 0;
}

static void count_drop(struct kmsg_scan *scan, int64_t usec)
{
	if (scan->lines == 0 || usec - scan->window >= INTERVAL) {
		scan->window = usec;
		scan->lines = 0;
	}
	scan->lines++;
	scan->drops.count += 1 + scan->kept_back;
	scan->drops.last = usec;
	scan->kept_back = 0;
}

void kmsg_scan_init(struct kmsg_scan *scan)
{
	*scan = (struct kmsg_scan){ .begun = false };
}

void kmsg_scan_record(struct kmsg_scan *scan, const char *record)
{
	const char *text = strchr(record, ';');
	unsigned int priority;
	uint64_t sequence, kept;
	int64_t usec;
	size_t n;

	if (!text ||
	    sscanf(record, "%u,%" SCNu64 ",%" SCNd64, &priority, &sequence, &usec) != 3)
		return;
	if (!scan->begun)
		scan->drops.whole = sequence == 0;
	scan->begun = true;
	n = strcspn(++text, "\n");
	if (priority >> FACILITY_SHIFT != 0)
		return;
	kept = kept_back(text, n);
	if (kept)
		scan->kept_back = kept;
	else if (is_drop(text, n))
		count_drop(scan, usec);
}

/* Exactly as many as are written at once: more may have been kept back. */
void kmsg_scan_finish(struct kmsg_scan *scan)
{
	scan->drops.more = scan->lines == BURST;
}

int kmsg_drops_read(struct kmsg_drops *ret)
{
	_cleanup_fd_ int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[RECORD_SIZE + 1];
	struct kmsg_scan scan;

	if (fd < 0)
		return -errno;
	kmsg_scan_init(&scan);
	for (int i = 0; i < RECORDS_MAX; i++) {
		ssize_t n = read(fd, record, RECORD_SIZE);

		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue; /* overwritten meanwhile: the next one is what is left */
		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n <= 0)
			break;
		record[n] = '\0';
		kmsg_scan_record(&scan, record);
	}
	kmsg_scan_finish(&scan);
	*ret = scan.drops;
	return 0;
}
