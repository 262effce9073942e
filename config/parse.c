/* SPDX-License-Identifier: MIT */
/*
 * libinih splits KEY=VALUE and takes comments away. It is read through next_line, because inih
 * alone does not tell its handler the line, does not say what it could not understand but
 * once, takes an indented line for more of the value before, cuts lines at its buffer and goes
 * on with the rest as if it were a line, and ends a section's name after 50 bytes or at the
 * first ']' of a glob. So headers are read here, and inih gets only lines that fit and that
 * begin at their first letter.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <ini.h>

#include "config/keys.h"
#include "config/parse.h"
#include "config/section.h"
#include "config/user.h"

/* So much of a wrong word is shown: enough to find it, and a record stays short. */
#define SHOWN_MAX 60

enum place {
	PLACE_NONE, /* before any section */
	PLACE_IGNORED, /* behind a header that was not understood */
	PLACE_SECTION,
};

struct parser {
	struct config *config;
	struct config_origin here;
	const char *next;
	const char *end;
	enum place place;
	bool handed; /* inih has a line of which the handler has not heard */
};

static bool white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void trim(const char **text, size_t *n)
{
	while (*n > 0 && white((*text)[*n - 1]))
		(*n)--;
	while (*n > 0 && white(**text)) {
		(*text)++;
		(*n)--;
	}
}

static int shown(size_t n)
{
	return n < SHOWN_MAX ? (int)n : SHOWN_MAX;
}

static void unknown_key(struct parser *p, const char *name)
{
	enum setting guess = key_guess(name);

	if (guess == SETTING_COUNT)
		contents_problem(p->config, &p->here, SETTING_COUNT,
				 "unknown key %.*s is ignored; known are " KEY_NAMES,
				 SHOWN_MAX, name);
	else
		contents_problem(p->config, &p->here, guess,
				 "unknown key %.*s is ignored (did you mean %s?)",
				 SHOWN_MAX, name, setting_name(guess));
}

static void known_key(struct parser *p, enum setting which, const char *value)
{
	struct settings scratch;
	const char *reason;

	if (p->here.section && keys[which].dump_only) {
		contents_problem(p->config, &p->here, which,
				 "%s belongs in [Dump] and is ignored here",
				 setting_name(which));
		return;
	}
	reason = keys[which].parse(value, &scratch);
	if (reason)
		contents_problem(p->config, &p->here, which,
				 "bad value \"%.*s\" is ignored, %s %s", SHOWN_MAX, value,
				 setting_name(which), reason);
	else
		contents_assign(p->config, &p->here, which, value);
}

/* inih's handler; the section that it names is not ours. Return: 1, go on. */
static int take_pair(void *context, const char *section, const char *name,
		     const char *value)
{
	struct parser *p = context;
	enum setting which = key_find(name);

	(void)section;
	p->handed = false;
	if (p->place == PLACE_NONE)
		contents_problem(
			p->config, &p->here, SETTING_COUNT,
			"%.*s is ignored: no section before it; begin with [Dump]",
			SHOWN_MAX, name);
	else if (which == SETTING_COUNT)
		unknown_key(p, name);
	else
		known_key(p, which, value);
	return 1;
}

static void bad_header(struct parser *p, const char *text, size_t n, const char *reason)
{
	contents_problem(p->config, &p->here, SETTING_COUNT,
			 "section %.*s and the keys in it are ignored: %s", shown(n),
			 text, reason);
}

/* Return: NULL, or why there is no such user; without memory that is not the section's fault. */
static const char *find_user(struct config *config, const struct section *section,
			     int64_t *ret_uid)
{
	_cleanup_free_ char *name = strndup(section->name, section->name_length);
	int r = name ? user_find(name, ret_uid) : -ENOMEM;

	if (r == -ENOENT)
		return USER_FILE " has no user of that name";
	config->no_memory |= r == -ENOMEM;
	return r < 0 ? USER_FILE " cannot be read" : NULL;
}

/* Return: NULL, or why the section is for nothing. */
static const char *enter_section(struct parser *p, const struct section *section)
{
	struct config_section entered = {
		.kind = section->kind,
		.uid = -1,
		.file = p->here.file,
		.line = p->here.line,
	};
	const char *reason = NULL;

	if (section->kind == CONFIG_USER)
		reason = find_user(p->config, section, &entered.uid);
	if (!reason && section->kind != CONFIG_DUMP)
		p->here.section = contents_section(p->config, &entered, section->name,
						   section->name_length);
	if (!reason && (p->here.section || section->kind == CONFIG_DUMP))
		p->place = PLACE_SECTION;
	return reason;
}

static void take_header(struct parser *p, const char *text, size_t n)
{
	struct section section;
	const char *reason = section_parse(text, n, &section);

	p->place = PLACE_IGNORED;
	p->here.section = NULL;
	if (!reason && section.rest)
		contents_problem(p->config, &p->here, SETTING_COUNT,
				 "\"%.*s\" behind the section's name is ignored",
				 shown(section.rest_length), section.rest);
	if (!reason)
		reason = enter_section(p, &section);
	if (reason)
		bad_header(p, text, n, reason);
}

/* Return: why a line is not for inih (static), or NULL. room: what inih's buffer holds. */
static const char *check_line(const char *text, size_t n, size_t room)
{
	const char *equals = memchr(text, '=', n);
	const char *colon = memchr(text, ':', n);

	if (memchr(text, '\0', n))
		return "it has a NUL byte";
	if (!equals || (colon && colon < equals)) /* inih takes ':' for '=' */
		return "it is not KEY=VALUE";
	/* "\n" and NUL: newer inih skips the line after one that it finds unended. */
	if (n + 2 > room)
		return "it is too long";
	return NULL;
}

/* The key that a line which is not for inih would have set. */
static enum setting meant_key(const char *text, size_t n)
{
	const char *equals = memchr(text, '=', n);
	char name[SHOWN_MAX + 1];

	if (!equals)
		return SETTING_COUNT;
	n = (size_t)(equals - text);
	trim(&text, &n);
	if (n > SHOWN_MAX)
		return SETTING_COUNT;
	memcpy(name, text, n);
	name[n] = '\0';
	return key_find(name);
}

static void bad_line(struct parser *p, const char *text, size_t n, const char *reason)
{
	enum setting about = p->place == PLACE_SECTION ? meant_key(text, n)
						       : SETTING_COUNT;

	contents_problem(p->config, &p->here, about, "line \"%.*s\" is ignored: %s",
			 shown(n), text, reason);
}

/* Return: true if the line is now in buf, for inih; false if it is done with. */
static bool hand_over(struct parser *p, const char *text, size_t n, char *buf,
		      size_t room)
{
	const char *reason;

	if (n == 0 || text[0] == '#' || text[0] == ';')
		return false;
	if (text[0] == '[') {
		take_header(p, text, n);
		return false;
	}
	if (p->place == PLACE_IGNORED)
		return false; /* its header was the problem */
	reason = check_line(text, n, room);
	if (reason) {
		bad_line(p, text, n, reason);
		return false;
	}
	memcpy(buf, text, n);
	buf[n] = '\n';
	buf[n + 1] = '\0';
	p->handed = true;
	return true;
}

/* What inih made nothing of: "=" only behind the beginning of a comment. */
static void settle_line(struct parser *p)
{
	if (p->handed)
		contents_problem(p->config, &p->here, SETTING_COUNT,
				 "line is ignored: it is not KEY=VALUE");
	p->handed = false;
}

/* inih's reader, in the manner of fgets. */
static char *next_line(char *buf, int size, void *context)
{
	struct parser *p = context;

	settle_line(p);
	while (p->next < p->end) {
		const char *text = p->next;
		size_t left = (size_t)(p->end - text);
		const char *newline = memchr(text, '\n', left);
		size_t n = newline ? (size_t)(newline - text) : left;

		p->next = newline ? newline + 1 : p->end;
		p->here.line++;
		trim(&text, &n);
		if (hand_over(p, text, n, buf, (size_t)size))
			return buf;
	}
	return NULL;
}

void config_parse(struct config *config, const char *file, const char *bytes, size_t n)
{
	static const char bom[] = { '\xef', '\xbb', '\xbf' };
	struct parser p = {
		.config = config,
		.here = { .file = file },
		.next = bytes,
		.end = bytes + n,
	};

	if (n >= sizeof(bom) && memcmp(bytes, bom, sizeof(bom)) == 0)
		p.next += sizeof(bom);
	(void)ini_parse_stream(next_line, &p, take_pair,
			       &p); /* lines are reported above */
	settle_line(&p);
}
