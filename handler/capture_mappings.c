/* SPDX-License-Identifier: MIT */
#include "base/cleanup.h"
#include "handler/capture_mappings.h"
#include "handler/proc_text.h"

/*
 * Names as the kernel gives them, the first that fits. A path is the process' own: who names a file like
 * a device is held for longer, no more. A device whose node lies elsewhere is taken for a file.
 */
static const struct {
	const char *prefix;
	enum mapping_kind kind;
} names[] = {
	{ "/dev/shm/", MAPPING_FILE },
	{ "/dev/zero", MAPPING_FILE }, /* shared anonymous memory, too */
	{ "/dev/hugepages/", MAPPING_FILE },
	{ "/SYSV", MAPPING_SYSV },
	{ "/[aio]", MAPPING_AIO },
	{ "/dev/", MAPPING_DEVICE },
	{ "/sys/", MAPPING_DEVICE },
	{ "/proc/", MAPPING_DEVICE },
	{ "/dmabuf:", MAPPING_DEVICE },
	{ "/drm mm object", MAPPING_DEVICE },
	{ "/i915", MAPPING_DEVICE },
	{ "/", MAPPING_FILE },
	{ "[anon_shmem:", MAPPING_FILE }, /* named: CONFIG_ANON_VMA_NAME */
	{ "socket:", MAPPING_SOCKET },
	{ "anon_inode:[io_uring]", MAPPING_IO_URING },
	{ "anon_inode:", MAPPING_ANON_INODE },
};

static enum mapping_kind kind_of(struct bytes name)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t n = strlen(names[i].prefix);

		if (name.p && name.n >= n && memcmp(name.p, names[i].prefix, n) == 0)
			return names[i].kind;
	}
	return MAPPING_UNKNOWN;
}

/* A number at *at that ends with `end`, which *at moves behind. Return: false if there is none. */
static bool number(struct bytes line, size_t *at, unsigned int base, uint8_t end,
		   uint64_t *ret)
{
	return proc_text_digits(line, at, base, ret) && *at < line.n &&
	       line.p[(*at)++] == end;
}

/* "rw-s ": whether others have it. */
static bool read_flags(struct bytes line, size_t *at, bool *ret_shared)
{
	if (line.n - *at < 5 || line.p[*at + 4] != ' ')
		return false;
	*ret_shared = line.p[*at + 3] != 'p';
	*at += 5;
	return true;
}

/* 7f1c2a400000-7f1c2a428000 r--p 00000000 fd:01 1835      /usr/lib/x86_64-linux-gnu/libc.so.6 */
static bool read_line(struct bytes line, struct capture_mapping *ret)
{
	uint64_t major, minor;
	size_t at = 0;

	if (!number(line, &at, 16, '-', &ret->start) ||
	    !number(line, &at, 16, ' ', &ret->end) ||
	    !read_flags(line, &at, &ret->shared) ||
	    !number(line, &at, 16, ' ', &ret->offset) ||
	    !number(line, &at, 16, ':', &major) || !number(line, &at, 16, ' ', &minor) ||
	    !number(line, &at, 10, ' ', &ret->inode) || ret->start >= ret->end)
		return false;
	while (at < line.n && line.p[at] == ' ')
		at++;
	ret->major = (uint32_t)major;
	ret->minor = (uint32_t)minor;
	ret->kind = kind_of(bytes_part(line, at, line.n - at));
	return true;
}

static struct bytes line_at(struct bytes text, size_t at)
{
	const uint8_t *end = memchr(text.p + at, '\n', text.n - at);

	return bytes_part(text, at, end ? (size_t)(end - text.p) - at : text.n - at);
}

bool capture_mapping_next(struct bytes text, size_t *at, struct capture_mapping *ret)
{
	while (*at < text.n) {
		struct capture_mapping mapping = { 0 };
		struct bytes line = line_at(text, *at);

		*at += line.n + 1;
		if (!read_line(line, &mapping))
			mapping = (struct capture_mapping){ .kind = MAPPING_UNKNOWN,
							    .shared = true };
		else if (mapping.inode == 0 && !mapping.shared)
			continue;
		*ret = mapping;
		return true;
	}
	return false;
}
