/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/number.h"
#include "handler/credentials.h"
#include "handler/process.h"

/* kernel/user_namespace.c: no more than 32 are nested below the first. */
#define NAMESPACES_MAX 33

void credentials_init(struct credentials *credentials)
{
	int64_t *members[] = {
		&credentials->capable,	       &credentials->started_uid,
		&credentials->started_euid,    &credentials->started_gid,
		&credentials->started_egid,    &credentials->secure,
		&credentials->namespace_owner,
	};

	for (size_t i = 0; i < CREDENTIALS_IDS; i++)
		credentials->uid[i] = credentials->gid[i] = CREDENTIALS_UNKNOWN;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		*members[i] = CREDENTIALS_UNKNOWN;
}

/*
 * Uid:	1000	1000	1000	1000
 */
static void take_ids(const char *value, int64_t ids[CREDENTIALS_IDS])
{
	char word[16];
	uint64_t id;

	for (size_t i = 0; value && i < CREDENTIALS_IDS; i++) {
		size_t n = strcspn(value, "\t\n");

		if (n >= sizeof(word))
			return;
		memcpy(word, value, n);
		word[n] = '\0';
		if (number_u64(word, UINT32_MAX, &id) < 0)
			return;
		ids[i] = (int64_t)id;
		value += n + (value[n] == '\t');
	}
}

/*
 * CapPrm:	000001ffffffffff
 */
static int64_t is_capable(const char *value)
{
	size_t digits = value ? strspn(value, "0123456789abcdef") : 0;

	if (digits == 0 || value[digits] != '\n')
		return CREDENTIALS_UNKNOWN;
	return strspn(value, "0") < digits;
}

static uint64_t word_at(const char *bytes, size_t index, size_t width)
{
	uint32_t narrow;
	uint64_t wide;

	if (width == sizeof(wide)) {
		memcpy(&wide, bytes + index * width, width);
		return wide;
	}
	memcpy(&narrow, bytes + index * width, sizeof(narrow));
	return narrow;
}

/*
 * The kernel pads the vector of a 32-bit process with nothing: its pairs are of 4 bytes. Read as
 * pairs of 8, the first would be a type with a value above it, and types are small.
 */
static size_t word_width(const char *auxv, size_t n)
{
	if (n < 2 * sizeof(uint64_t))
		return 0;
	return word_at(auxv, 0, sizeof(uint64_t)) > UINT32_MAX ? sizeof(uint32_t)
							       : sizeof(uint64_t);
}

/* A type that comes twice is none that the kernel wrote. */
static void take_started(const char *auxv, size_t n, struct credentials *ret)
{
	const struct {
		uint64_t type;
		int64_t *member;
	} wanted[] = {
		{ AT_UID, &ret->started_uid }, { AT_EUID, &ret->started_euid },
		{ AT_GID, &ret->started_gid }, { AT_EGID, &ret->started_egid },
		{ AT_SECURE, &ret->secure },
	};
	size_t width = word_width(auxv, n), words = width ? n / width : 0;
	uint32_t seen = 0;

	for (size_t at = 0; at + 1 < words; at += 2) {
		uint64_t type = word_at(auxv, at, width);
		uint64_t value = word_at(auxv, at + 1, width);

		if (type == AT_NULL)
			return;
		for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
			if (type != wanted[i].type)
				continue;
			*wanted[i].member = value > UINT32_MAX || (seen & 1u << i)
						    ? CREDENTIALS_UNKNOWN
						    : (int64_t)value;
			seen |= 1u << i;
		}
	}
}

void credentials_parse(const char *status, const char *auxv, size_t n,
		       struct credentials *ret)
{
	credentials_init(ret);
	take_ids(process_status_value(status, "Uid:"), ret->uid);
	take_ids(process_status_value(status, "Gid:"), ret->gid);
	ret->capable = is_capable(process_status_value(status, "CapPrm:"));
	if (auxv)
		take_started(auxv, n, ret);
}

static bool same_namespace(int a, int b)
{
	struct stat one, other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 &&
	       one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

int64_t credentials_namespace_owner(int dirfd)
{
	_cleanup_fd_ int ours = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	_cleanup_fd_ int inner = openat(dirfd, "ns/user", O_RDONLY | O_CLOEXEC);
	uid_t owner;

	if (ours < 0 || inner < 0)
		return CREDENTIALS_UNKNOWN;
	if (same_namespace(inner, ours))
		return CREDENTIALS_OURS;
	for (int i = 0; i < NAMESPACES_MAX; i++) {
		_cleanup_fd_ int outer = ioctl(inner, NS_GET_PARENT);

		if (outer < 0) /* it is not below ours */
			return CREDENTIALS_UNKNOWN;
		if (same_namespace(outer, ours))
			return ioctl(inner, NS_GET_OWNER_UID, &owner) == 0
				       ? (int64_t)owner
				       : CREDENTIALS_UNKNOWN;
		cleanup_fd(&inner);
		inner = TAKE_FD(outer);
	}
	return CREDENTIALS_UNKNOWN;
}
