/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/cleanup.h"
#include "handler/capture_distant.h"
#include "handler/proc_text.h"

/*
 * Mounts of such types that are looked at, and pieces of memory: a machine with a home directory for each of a thousand
 * users has fewer of the former, and vm.max_map_count allows about as many of the latter. What is more counts as near.
 */
#define DEVICES_MAX 4096
#define SPANS_MAX   65536

/* Fields of a line before the optional ones: ids of mount and parent, device, root, mount point, options. */
#define FIELDS_BEFORE_DEVICE 2
#define FIELDS_BEHIND_DEVICE 3
/* And of one of maps between addresses and device: permissions, offset. */
#define FIELDS_BETWEEN 2

/*
 * Types whose pages come from another machine, from a process of this one (FUSE), or from the host of a virtual one, and
 * those of clusters, where a page of a disk of one's own takes a lock of the others'. Not autofs, which has no
 * files, nor local disks, whatever is behind them.
 */
static const char *const types[] = {
	"nfs",	  "nfs4",     "fuse",  "fuseblk", "cifs",   "smb3", "9p",
	"ceph",	  "virtiofs", "afs",   "vboxsf",  "gfs2",   "coda", "ocfs2",
	"lustre", "orangefs", "pvfs2", "gpfs",	  "beegfs",
};

struct devices {
	uint64_t *devices; /* major number << 32 | minor number; sorted */
	size_t count, capacity;
};

/* Up to the next blank, or the end of the line; *at moves behind it. The kernel escapes blanks in names: \040. */
static struct bytes next_field(struct bytes line, size_t *at)
{
	const uint8_t *blank = *at < line.n ? memchr(line.p + *at, ' ', line.n - *at)
					    : NULL;
	size_t first = *at, end = blank ? (size_t)(blank - line.p) : line.n;

	*at = end + (blank != NULL);
	return bytes_part(line, first, end - first);
}

static void skip_fields(struct bytes line, size_t *at, int count)
{
	for (; count > 0; count--)
		(void)next_field(line, at); /* only to move on */
}

/* A number at *at up to `end`, which *at moves behind, or to the end of the field. Return: false if there is none. */
static bool number(struct bytes field, size_t *at, unsigned int base, uint8_t end,
		   uint64_t *ret)
{
	uint64_t behind;

	return proc_text_digits(field, at, base, ret) &&
	       (*at == field.n ||
		(bytes_number(field, (*at)++, 1, &behind) && behind == end));
}

/* Two numbers with a sign between them: "0:52", "7f00-8f00". */
static bool two_numbers(struct bytes field, unsigned int base, uint8_t between,
			uint64_t *ret_first, uint64_t *ret_second)
{
	size_t at = 0;

	return number(field, &at, base, between, ret_first) && at < field.n &&
	       number(field, &at, base, between, ret_second) && at == field.n;
}

static bool read_device(struct bytes field, unsigned int base, uint64_t *ret)
{
	uint64_t major, minor;

	if (!two_numbers(field, base, ':', &major, &minor) || major > UINT32_MAX ||
	    minor > UINT32_MAX)
		return false;
	*ret = major << 32 | minor;
	return true;
}

/* "fuse.sshfs": what is behind the dot its server chose, with escapes. */
static bool is_distant(struct bytes type)
{
	const uint8_t *dot;
	size_t n;

	if (!type.p)
		return false;
	dot = memchr(type.p, '.', type.n);
	n = dot ? (size_t)(dot - type.p) : type.n;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (strlen(types[i]) == n && memcmp(types[i], type.p, n) == 0)
			return true;
	}
	return false;
}

/* 36 35 0:52 / /mnt/a\040b rw,noatime shared:7 master:1 - fuse.sshfs host:/a rw,user_id=0 */
static bool read_mount(struct bytes line, uint64_t *ret)
{
	struct bytes device, field;
	size_t at = 0;

	skip_fields(line, &at, FIELDS_BEFORE_DEVICE);
	device = next_field(line, &at);
	skip_fields(line, &at, FIELDS_BEHIND_DEVICE);
	do {
		field = next_field(line, &at);
	} while (at < line.n && !(field.n == 1 && field.p[0] == '-'));
	return is_distant(next_field(line, &at)) && read_device(device, 10, ret) &&
	       *ret != 0; /* which memory without a file has */
}

static bool add_device(struct devices *devices, uint64_t device)
{
	if (devices->count == devices->capacity) {
		size_t bigger = devices->capacity ? devices->capacity * 2 : 16;
		uint64_t *p = reallocarray(devices->devices, bigger, sizeof(*p));

		if (!p)
			return false;
		devices->devices = p;
		devices->capacity = bigger;
	}
	devices->devices[devices->count++] = device;
	return true;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The next line, without its end, from *at on. Return: false: there is none, or it has no end: it was cut. */
static bool next_line(struct bytes text, size_t *at, struct bytes *ret)
{
	const uint8_t *end = *at < text.n ? memchr(text.p + *at, '\n', text.n - *at)
					  : NULL;

	if (!end)
		return false;
	*ret = bytes_part(text, *at, (size_t)(end - text.p) - *at);
	*at += ret->n + 1;
	return true;
}

/* Return: false without memory. */
static bool find_devices(struct bytes mountinfo, struct devices *ret)
{
	struct bytes line;
	uint64_t device;
	size_t at = 0;

	while (ret->count < DEVICES_MAX && next_line(mountinfo, &at, &line)) {
		if (read_mount(line, &device) && !add_device(ret, device))
			return false;
	}
	if (ret->count)
		qsort(ret->devices, ret->count, sizeof(*ret->devices), by_number);
	return true;
}

static bool has_device(const struct devices *devices, uint64_t device)
{
	return bsearch(&device, devices->devices, devices->count,
		       sizeof(*devices->devices), by_number) != NULL;
}

/* 7f1c2a400000-7f1c2a428000 r--p 00000000 00:34 1835      /mnt/a: the device first, as few lines have one of these. */
static bool read_mapping(struct bytes line, const struct devices *devices,
			 struct span *ret)
{
	size_t at = 0;
	struct bytes range = next_field(line, &at);
	uint64_t device;

	skip_fields(line, &at, FIELDS_BETWEEN);
	return read_device(next_field(line, &at), 16, &device) &&
	       has_device(devices, device) &&
	       two_numbers(range, 16, '-', &ret->start, &ret->end);
}

static void find_memory(struct bytes maps, const struct devices *devices,
			struct spans *ret)
{
	struct bytes line;
	struct span span;
	size_t at = 0;

	while (ret->count < SPANS_MAX && next_line(maps, &at, &line)) {
		if (read_mapping(line, devices, &span))
			spans_add(ret, span.start, span.end);
	}
	spans_join(ret);
}

void capture_distant_find(struct bytes maps, struct bytes mountinfo, struct spans *ret)
{
	struct devices devices = { 0 };

	if (!find_devices(mountinfo, &devices))
		ret->failed = true;
	else if (devices.count)
		find_memory(maps, &devices, ret);
	free(devices.devices);
}
