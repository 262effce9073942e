/* SPDX-License-Identifier: MIT */
/*
 * Hints for a program that cannot be changed: of its variables, by their names.
 *
 *	cc -std=c11 -shared -fPIC -I.. -o preload.so preload.c -ldl
 *	LD_PRELOAD=$PWD/preload.so DUMPD_HINTS='keep state 4096; secret key 32' program
 *
 * DUMPD_HINTS: hints, each of them ended by a semicolon or the end,
 *
 *	keep SYMBOL LENGTH       the variable
 *	pointee SYMBOL LENGTH    what it points to when the program crashes
 *	drop SYMBOL LENGTH
 *	secret SYMBOL LENGTH
 *	text SYMBOL LENGTH
 *
 * A symbol is one that the dynamic linker knows, of the program (if it exports it: -rdynamic, or
 * a library uses it) or of a library that it was linked with. What cannot be done is said once
 * on standard error, and the program runs all the same. A setuid program ignores all of this.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dumpd-hints.h>

#define HINT_TEXT_LENGTH 512 /* of one hint */

static const struct {
	const char *name;
	uint8_t kind;
} kinds[] = {
	{ "keep", DUMPD_HINT_KEEP }, { "pointee", DUMPD_HINT_KEEP_POINTEE },
	{ "drop", DUMPD_HINT_DROP }, { "secret", DUMPD_HINT_SECRET },
	{ "text", DUMPD_HINT_TEXT },
};

/* 0: no such kind. */
static uint8_t kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	}
	return 0;
}

/* Return: NULL, or what is wrong with it. */
static const char *say(const char *kind, const char *symbol, const char *length)
{
	struct dumpd_hint hint;
	dumpd_hint_id id;
	unsigned long n;
	char *end;
	void *p;

	n = strtoul(length, &end, 0);
	if (*length < '0' || *length > '9' || *end || n == 0)
		return "its length is not a number above 0";
	p = dlsym(RTLD_DEFAULT, symbol);
	if (!p)
		return "the program has no such symbol, or does not export it";
	hint = dumpd_keep(p, n, 0, symbol);
	hint.kind = kind_of(kind);
	if (hint.kind == 0)
		return "it is none of keep, pointee, drop, secret, text";
	id = dumpd_hints_add(hint);
	return id < 0 ? strerror((int)-id) : NULL;
}

/* One hint, of n bytes. */
static void read_hint(const char *p, size_t n)
{
	char text[HINT_TEXT_LENGTH], *word[4], *rest = text;
	const char *wrong = "it is not KIND SYMBOL LENGTH";
	size_t count = 0;

	if (n >= sizeof(text))
		n = sizeof(text) - 1;
	memcpy(text, p, n);
	text[n] = '\0';
	while (count < 4 && (word[count] = strtok_r(rest, " \t\n", &rest)))
		count++;
	if (count == 0)
		return;
	if (count == 3)
		wrong = say(word[0], word[1], word[2]);
	if (wrong)
		fprintf(stderr, "DUMPD_HINTS: '%.*s': %s\n", (int)n, p, wrong);
}

/* Before main() and the program's own constructors, after those of its libraries. */
__attribute__((constructor)) static void read_all(void)
{
	const char *at = secure_getenv("DUMPD_HINTS");

	while (at && *at) {
		size_t n = strcspn(at, ";");

		read_hint(at, n);
		at += n;
		if (*at == ';')
			at++;
	}
}
