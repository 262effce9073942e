/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/number.h"
#include "config/share.h"
#include "config/size.h"

static const char must[] =
	"must be a size (a number of bytes, with K, M, G or T if wanted), a part of the "
	"file system such as 10%, both, or infinity";

/* One word into its member, which must not have been said before. Return: whether it could be. */
static bool take(char *word, struct share *share)
{
	size_t n = strlen(word);
	uint64_t value;

	if (n > 0 && word[n - 1] == '%') {
		word[n - 1] = '\0';
		if (share->percent != SHARE_WHOLE || number_u64(word, 100, &value) < 0)
			return false;
		share->percent = (uint32_t)value;
		return true;
	}
	return share->bytes == UINT64_MAX && strcmp(word, "infinity") != 0 &&
	       number_size(word, &share->bytes) == 0;
}

const char *share_parse(const char *text, struct share *ret)
{
	static const char blanks[] = " \t";
	struct share share = { UINT64_MAX, SHARE_WHOLE };
	char words[64], *rest, *word;

	if (strcmp(text, "infinity") == 0) {
		*ret = share;
		return NULL;
	}
	if (strlen(text) >= sizeof(words) || text[strspn(text, blanks)] == '\0')
		return must;
	memcpy(words, text, strlen(text) + 1);
	for (word = strtok_r(words, blanks, &rest); word;
	     word = strtok_r(NULL, blanks, &rest)) {
		if (!take(word, &share))
			return must;
	}
	*ret = share;
	return NULL;
}

char *share_print(const struct share *share)
{
	_cleanup_free_ char *size = size_print(share->bytes);
	char *text;

	if (!size || share->percent == SHARE_WHOLE)
		return TAKE_PTR(size);
	return asprintf(&text, "%" PRIu32 "%%%s%s", share->percent,
			share->bytes == UINT64_MAX ? "" : " ",
			share->bytes == UINT64_MAX ? "" : size) < 0
		       ? NULL
		       : text;
}

uint64_t share_of(const struct share *share, uint64_t total)
{
	uint64_t part;

	if (share->percent == SHARE_WHOLE)
		return share->bytes;
	/* so that nothing overflows; a total below 100 bytes is no file system */
	part = total / 100 * share->percent + total % 100 * share->percent / 100;
	return part < share->bytes ? part : share->bytes;
}
