/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/number.h"
#include "handler/credentials.h"
#include "handler/process.h"

/* kernel/user_namespace.c: no more than 32 are nested below the first. */
#define NAMESPACES_MAX 33

/* 340 lines of three columns (kernel/user_namespace.c, UID_GID_MAP_MAX_EXTENTS). */
#define MAP_MAX (16 << 10)

void credentials_init(struct credentials *credentials)
{
	int64_t *members[] = {
		&credentials->capable,		&credentials->started_uid,
		&credentials->started_euid,	&credentials->started_gid,
		&credentials->started_egid,	&credentials->secure,
		&credentials->namespace_owner,	&credentials->pid_namespace_owner,
		&credentials->threads,		&credentials->started_host_uid,
		&credentials->started_host_gid,
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

/* inner: of a user namespace, which is closed. ours: the handler's own. */
static int64_t owner_of(int inner, int ours)
{
	_cleanup_fd_ int at = inner;
	uid_t owner;

	if (at < 0 || ours < 0)
		return CREDENTIALS_UNKNOWN;
	if (same_namespace(at, ours))
		return CREDENTIALS_OURS;
	for (int i = 0; i < NAMESPACES_MAX; i++) {
		_cleanup_fd_ int outer = ioctl(at, NS_GET_PARENT);

		if (outer < 0) /* it is not below ours */
			return CREDENTIALS_UNKNOWN;
		if (same_namespace(outer, ours))
			return ioctl(at, NS_GET_OWNER_UID, &owner) == 0
				       ? (int64_t)owner
				       : CREDENTIALS_UNKNOWN;
		cleanup_fd(&at);
		at = TAKE_FD(outer);
	}
	return CREDENTIALS_UNKNOWN;
}

/* One that was made in the handler's user namespace was made by root: nobody else may. */
static int64_t pid_namespace_owner(int dirfd, int ours)
{
	_cleanup_fd_ int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	_cleanup_fd_ int theirs = openat(dirfd, "ns/pid", O_RDONLY | O_CLOEXEC);
	int64_t owner;

	if (own < 0 || theirs < 0)
		return CREDENTIALS_UNKNOWN;
	if (same_namespace(own, theirs))
		return CREDENTIALS_OURS;
	owner = owner_of(ioctl(theirs, NS_GET_USERNS), ours);
	return owner == CREDENTIALS_OURS ? 0 : owner;
}

static int64_t map_by_file(int dirfd, const char *name, int64_t id)
{
	_cleanup_free_ char *map = NULL;
	size_t n;

	if (id < 0 || io_read_file(dirfd, name, MAP_MAX, &map, &n) < 0)
		return CREDENTIALS_UNKNOWN;
	return credentials_map_id(map, id);
}

void credentials_read_namespaces(int dirfd, struct credentials *credentials)
{
	_cleanup_fd_ int ours = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);

	credentials->namespace_owner =
		owner_of(openat(dirfd, "ns/user", O_RDONLY | O_CLOEXEC), ours);
	credentials->pid_namespace_owner = pid_namespace_owner(dirfd, ours);
	if (credentials->namespace_owner == CREDENTIALS_OURS)
		return;
	credentials->started_host_uid =
		map_by_file(dirfd, "uid_map", credentials->started_uid);
	credentials->started_host_gid =
		map_by_file(dirfd, "gid_map", credentials->started_gid);
}

/* A word of a line, behind it; -1. */
static int64_t next_number(const char **at)
{
	size_t blanks = strspn(*at, " \t"), n = strcspn(*at + blanks, " \t\n");
	uint64_t number;
	char word[16];

	if (n == 0 || n >= sizeof(word))
		return -1;
	memcpy(word, *at + blanks, n);
	word[n] = '\0';
	*at += blanks + n;
	return number_u64(word, UINT32_MAX, &number) < 0 ? -1 : (int64_t)number;
}

/*
 *          0       1000          1
 * First id inside, first id outside, how many.
 */
int64_t credentials_map_id(const char *map, int64_t id)
{
	for (const char *line = map; *line; line += *line == '\n') {
		const char *at = line;
		int64_t inside = next_number(&at), outside = next_number(&at);
		int64_t count = next_number(&at);

		if (inside < 0 || outside < 0 || count < 0)
			return CREDENTIALS_UNKNOWN;
		if (id >= inside && id - inside < count)
			return outside + (id - inside) < UINT32_MAX
				       ? outside + (id - inside)
				       : CREDENTIALS_UNKNOWN;
		line = strchrnul(line, '\n');
	}
	return CREDENTIALS_UNKNOWN;
}
