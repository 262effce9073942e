/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "dumpctl/files.h"
#include "dumpctl/pattern.h"
#include "dumpctl/saved.h"

/* Six lines of at most 160 bytes, and comments. */
#define SAVED_SIZE_MAX 4096

#define MASKED_LINE "masked=50-coredump.conf"

static const char kernel_default_pattern[] = "core";

char *saved_print(const struct saved *saved)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		return NULL;
	fputs("# The kernel's settings before `dumpctl setup`; `dumpctl setup --undo` reads this.\n",
	      f);
	for (enum sysctl i = 0; i < SYSCTL_COUNT; i++)
		fprintf(f, "before.%s=%s\nset.%s=%s\n", sysctl_name(i),
			saved->before.value[i], sysctl_name(i), saved->set.value[i]);
	if (saved->masked)
		fputs(MASKED_LINE "\n", f);
	return io_close_text(f, &text);
}

/* If line is PREFIX.NAME=VALUE, keep the value. Return: 1 it was, 0 it was not, -EBADMSG. */
static int parse_value(const char *line, size_t n, const char *prefix, enum sysctl which,
		       struct sysctl_values *values)
{
	char key[64];
	int length = snprintf(key, sizeof(key), "%s.%s=", prefix, sysctl_name(which));

	if (strncmp(line, key, (size_t)length) != 0)
		return 0;
	n -= (size_t)length;
	if (n >= SYSCTL_VALUE_MAX)
		return -EBADMSG;
	memcpy(values->value[which], line + length, n);
	values->value[which][n] = '\0';
	return 1;
}

/* Return: a bit for each value that the line holds, or -EBADMSG. */
static int parse_line(const char *line, size_t n, struct saved *saved)
{
	if (n == strlen(MASKED_LINE) && strncmp(line, MASKED_LINE, n) == 0)
		saved->masked = true;
	for (enum sysctl i = 0; i < SYSCTL_COUNT; i++) {
		int before = parse_value(line, n, "before", i, &saved->before);
		int set = parse_value(line, n, "set", i, &saved->set);

		if (before < 0 || set < 0)
			return -EBADMSG;
		if (before || set)
			return 1 << (2 * i + (set ? 1 : 0));
	}
	return 0;
}

int saved_parse(const char *text, struct saved *ret)
{
	struct saved saved = { .masked = false };
	int seen = 0;

	while (*text) {
		size_t n = strcspn(text, "\n");
		int r = parse_line(text, n, &saved);

		if (r < 0)
			return r;
		seen |= r;
		text += n + (text[n] == '\n');
	}
	if (seen != (1 << (2 * SYSCTL_COUNT)) - 1)
		return -EBADMSG;
	*ret = saved;
	return 0;
}

int saved_load(struct saved *ret)
{
	_cleanup_free_ char *text = NULL;
	size_t n;
	int r = io_read_file(AT_FDCWD, SAVED_FILE, SAVED_SIZE_MAX, &text, &n);

	return r < 0 ? r : saved_parse(text, ret);
}

int saved_write(const struct saved *saved)
{
	_cleanup_free_ char *text = saved_print(saved);

	return text ? file_replace(SAVED_FILE, text, 0600) : -ENOMEM;
}

int saved_remove(void)
{
	return unlink(SAVED_FILE) < 0 ? -errno : 0;
}

void saved_update(const struct saved *earlier, const struct sysctl_values *now,
		  const struct sysctl_values *wanted, struct saved *ret)
{
	struct saved saved = { .before = *now, .set = *wanted };
	struct pattern pattern;

	for (enum sysctl i = 0; earlier && i < SYSCTL_COUNT; i++)
		if (strcmp(now->value[i], earlier->set.value[i]) == 0)
			memcpy(saved.before.value[i], earlier->before.value[i],
			       SYSCTL_VALUE_MAX);
	saved.masked = earlier && earlier->masked;
	/* Ours without a memory of a setup: set by hand. There is nothing better to go back to. */
	pattern_recognise(saved.before.value[SYSCTL_CORE_PATTERN], &pattern);
	if (pattern.form != PATTERN_FOREIGN)
		memcpy(saved.before.value[SYSCTL_CORE_PATTERN], kernel_default_pattern,
		       sizeof(kernel_default_pattern));
	*ret = saved;
}
