/* SPDX-License-Identifier: MIT */
/*
 * "fixed":"u0000001000 c 6b7562 2f62696e2f7368"}: the user id in ten digits, or as many '-'; 'c' for a pod or
 * container, 's' for a service; its name, and the executable's path, in hexadecimal digits, which JSON takes whatever is
 * in them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/number.h"
#include "store/fixed.h"
#include "store/frame.h"
#include "store/record_group.h"

#define HEAD   "\"fixed\":\"u"
#define TAIL   "\"}"
#define DIGITS 10

#define FIXED_OFFSET (FRAME_RECORD_SIZE - FIXED_SIZE)

_Static_assert(sizeof(HEAD) + DIGITS + 1 + 2ul * FIXED_EXE_MAX + sizeof(TAIL) <=
		       FIXED_SIZE,
	       "the longest path has room");

int fixed_is_dump(int fd)
{
	uint8_t header[FRAME_SKIPPABLE_HEADER];
	ssize_t n = io_pread_full(fd, header, sizeof(header), 0);

	if (n < 0)
		return (int)n;
	return n == sizeof(header) && frame_get_le32(header) == FRAME_RECORD_MAGIC &&
	       frame_get_le32(header + 4) == FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A name up to `end`, at most `most` bytes. Return: what is behind that; NULL: it is none. */
static const char *read_name(const char *text, const char *end, size_t most, char *ret)
{
	size_t n = 0;

	for (; n < most && digit(text[0]) >= 0 && digit(text[1]) >= 0; text += 2) {
		ret[n] = (char)(digit(text[0]) << 4 | digit(text[1]));
		if (!ret[n++])
			return NULL;
	}
	ret[n] = '\0';
	return strncmp(text, end, strlen(end)) == 0 ? text + strlen(end) : NULL;
}

static bool read_uid(const char *text, int64_t *ret)
{
	static const char none[] = "----------";
	char digits[DIGITS + 1] = "";
	uint64_t uid;

	*ret = RECORD_UNKNOWN;
	if (strncmp(text, none, DIGITS) == 0)
		return true;
	memcpy(digits, text, DIGITS);
	if (strspn(digits, "0123456789") != DIGITS ||
	    number_u64(digits, UINT32_MAX, &uid) < 0)
		return false;
	*ret = (int64_t)uid;
	return true;
}

static bool read_fixed(const char *text, struct fixed *ret)
{
	if (strncmp(text, HEAD, strlen(HEAD)) != 0)
		return false;
	text += strlen(HEAD);
	if (!read_uid(text, &ret->uid))
		return false;
	text += DIGITS;
	ret->contained = text[1] == 'c';
	if (text[0] != ' ' || (!ret->contained && text[1] != 's') || text[2] != ' ')
		return false;
	text = read_name(text + 3, " ", FIXED_GROUP_MAX, ret->group);
	return text && read_name(text, TAIL, FIXED_EXE_MAX, ret->exe);
}

int fixed_read(int fd, struct fixed *ret)
{
	char text[FIXED_SIZE + 1] = "";
	ssize_t n = io_pread_full(fd, text, FIXED_SIZE, FIXED_OFFSET);
	struct fixed fixed;

	if (n < 0)
		return (int)n;
	if (n != FIXED_SIZE || !read_fixed(text, &fixed))
		return 0;
	*ret = fixed;
	return 1;
}

/* Return: what is behind it. */
static char *put_name(char *to, const char *name, size_t most)
{
	static const char digits[] = "0123456789abcdef";

	for (; name && *name && most > 0; name++, most--) {
		*to++ = digits[(uint8_t)*name >> 4];
		*to++ = digits[*name & 0xf];
	}
	return to;
}

static void put_fixed(const struct record *record, char *to)
{
	const struct record_group group = record_group_of(record);
	bool contained;
	const char *name = record_group_name(&group, &contained);

	if (record->uid >= 0 && record->uid <= UINT32_MAX)
		to += snprintf(to, FIXED_SIZE, HEAD "%010" PRId64, record->uid);
	else
		to += snprintf(to, FIXED_SIZE, HEAD "----------");
	to = stpcpy(to, contained ? " c " : " s ");
	to = put_name(to, name, FIXED_GROUP_MAX);
	*to++ = ' ';
	to = put_name(to, record->exe, FIXED_EXE_MAX);
	memcpy(to, TAIL, sizeof(TAIL));
}

void fixed_frame(const struct record *record, const char *json, uint8_t *frame)
{
	char *text = (char *)frame + FRAME_SKIPPABLE_HEADER;
	char *part = (char *)frame + FIXED_OFFSET;
	size_t n = strlen(json) - 1; /* without its brace */

	memset(frame, 0, FRAME_RECORD_SIZE);
	frame_put_skippable(frame, FRAME_RECORD_MAGIC,
			    FRAME_RECORD_SIZE - FRAME_SKIPPABLE_HEADER);
	memcpy(text, json, n + 2); /* and its end, in place of which more comes */
	text[n] = ',';
	memset(text + n + 1, ' ', (size_t)(part - text) - n - 1);
	put_fixed(record, part);
}
