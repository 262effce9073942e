/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/escape.h"

static const char hex[] = "0123456789abcdef";

/* Length of the valid UTF-8 sequence at p (RFC 3629), 0 if there is none. */
static size_t utf8_decode(const uint8_t *p, size_t n, uint32_t *ret_code)
{
	uint32_t code, least;
	size_t length;

	*ret_code = p[0];
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		length = 2, code = p[0] & 0x1f, least = 0x80;
	else if ((p[0] & 0xf0) == 0xe0)
		length = 3, code = p[0] & 0x0f, least = 0x800;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		length = 4, code = p[0] & 0x07, least = 0x10000;
	else
		return 0;
	if (n < length)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return length;
}

/*
 * What turns a terminal's line around, ends it, or is not to be seen, so that two names look the same. Unicode 15.1,
 * PropList.txt and DerivedCoreProperties.txt: Bidi_Control and Default_Ignorable_Code_Point, which holds the former;
 * and the line and paragraph separator. In order.
 */
static const struct {
	uint32_t first, last;
} invisible[] = {
	{ 0x00ad, 0x00ad },   { 0x034f, 0x034f },   { 0x061c, 0x061c },
	{ 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
	{ 0x200b, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f },
	{ 0x3164, 0x3164 },   { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },   { 0xfff0, 0xfff8 },   { 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

static bool is_invisible(uint32_t code)
{
	for (size_t i = 0; i < ARRAY_SIZE(invisible) && code >= invisible[i].first; i++) {
		if (code <= invisible[i].last)
			return true;
	}
	return false;
}

/* Bytes at p that may be shown as they are; 0: the first must be escaped. */
static size_t plain_text(const uint8_t *p, size_t n)
{
	uint32_t code;
	size_t length = utf8_decode(p, n, &code);

	if (length == 1)
		return code >= 0x20 && code != 0x7f && code != '\\';
	if (length == 2 && code < 0xa0)
		return 0;
	return is_invisible(code) ? 0 : length;
}

char *escape_text(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	char *text, *out;
	size_t size;

	if (__builtin_mul_overflow(n, 4, &size) || __builtin_add_overflow(size, 1, &size))
		return NULL;
	text = out = malloc(size);
	if (!text)
		return NULL;
	for (size_t i = 0; i < n;) {
		size_t plain = plain_text(p + i, n - i);

		if (plain) {
			memcpy(out, p + i, plain);
			out += plain;
			i += plain;
			continue;
		}
		*out++ = '\\';
		*out++ = 'x';
		*out++ = hex[p[i] >> 4];
		*out++ = hex[p[i] & 15];
		i++;
	}
	*out = '\0';
	return text;
}

/* A comment or a home begins so, braces expand anywhere; systemd leaves these alone. */
static bool is_plain_word(const uint8_t *p, size_t n)
{
	if (n == 0 || p[0] == '#' || p[0] == '~')
		return false;
	for (size_t i = 0; i < n;) {
		size_t plain = plain_text(p + i, n - i);

		if (plain == 0 || strchr(" \"`$*?['()<>|&;!{", p[i]))
			return false;
		i += plain;
	}
	return true;
}

/* What cannot stand for itself between the quotes. Return: the end. */
static char *put_escaped(char *out, uint8_t c)
{
	static const char bytes[] = "\a\b\f\n\r\t\v\\'", names[] = "abfnrtv\\'";
	const char *at = memchr(bytes, c, sizeof(bytes) - 1);

	*out++ = '\\';
	if (at) {
		*out++ = names[at - bytes];
		return out;
	}
	*out++ = (char)('0' + (c >> 6));
	*out++ = (char)('0' + (c >> 3 & 7));
	*out++ = (char)('0' + (c & 7));
	return out;
}

char *escape_shell(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	char *text, *out;
	size_t size;

	if (n == 0)
		return strdup("\"\"");
	if (is_plain_word(p, n))
		return strndup(bytes, n);
	if (__builtin_mul_overflow(n, 4, &size) || __builtin_add_overflow(size, 4, &size))
		return NULL;
	text = malloc(size);
	if (!text)
		return NULL;
	text[0] = '$';
	text[1] = '\'';
	out = text + 2;
	for (size_t i = 0; i < n;) {
		size_t plain = p[i] == '\'' ? 0 : plain_text(p + i, n - i);

		if (plain == 0) {
			out = put_escaped(out, p[i++]);
			continue;
		}
		memcpy(out, p + i, plain);
		out += plain;
		i += plain;
	}
	*out++ = '\'';
	*out = '\0';
	return text;
}

static bool plain_name(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
}

char *escape_name(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	size_t size, at = 0;
	char *name;

	if (__builtin_mul_overflow(n, 3, &size) || __builtin_add_overflow(size, 1, &size))
		return NULL;
	name = malloc(size);
	if (!name)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (plain_name(p[i])) {
			name[at++] = (char)p[i];
			continue;
		}
		name[at++] = '%';
		name[at++] = hex[p[i] >> 4];
		name[at++] = hex[p[i] & 15];
	}
	name[at] = '\0';
	return name;
}

static int nibble(char c)
{
	const char *at = c ? strchr(hex, c) : NULL;

	return at ? (int)(at - hex) : -1;
}

/* Replace every PREFIX followed by two hex digits by its byte. */
static char *undo(const char *text, const char *prefix, size_t *ret_n)
{
	size_t skip = strlen(prefix), n = strlen(text), done = 0;
	char *bytes = malloc(n + 1);

	if (!bytes)
		return NULL;
	for (size_t i = 0; i < n;) {
		int high, low;

		if (text[i] != prefix[0]) {
			bytes[done++] = text[i++];
			continue;
		}
		if (strncmp(text + i, prefix, skip) != 0)
			goto out_bad;
		high = nibble(text[i + skip]);
		low = high < 0 ? -1 : nibble(text[i + skip + 1]);
		if (low < 0)
			goto out_bad;
		bytes[done++] = (char)(high << 4 | low);
		i += skip + 2;
	}
	bytes[done] = '\0';
	*ret_n = done;
	return bytes;
out_bad:
	free(bytes);
	return NULL;
}

char *escape_text_undo(const char *text, size_t *ret_n)
{
	return undo(text, "\\x", ret_n);
}

char *escape_name_undo(const char *name, size_t *ret_n)
{
	return undo(name, "%", ret_n);
}
