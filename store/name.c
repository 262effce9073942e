/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/escape.h"
#include "store/name.h"

/* One value may not push the others out of the name. A comm is 45 at most, a path more. */
#define VALUE_MAX 96

struct specifier {
	char letter;
	enum {
		FROM_RECORD, /* a number or a text of the record */
		FROM_EXE, /* the path with '!' for '/', core(5)'s %E */
		FROM_EXE_NAME, /* its last component, %f */
		FROM_NAMESPACE_PID,
		FROM_NAMESPACE_TID,
	} source;
	const char *key;
};

static const struct specifier specifiers[] = {
	{ 'B', FROM_RECORD, "boot_id" },   { 'c', FROM_RECORD, "rlimit" },
	{ 'C', FROM_RECORD, "cpu" }, /* not told by the kernel's notes: "unknown" */
	{ 'd', FROM_RECORD, "dumpable" },  { 'e', FROM_RECORD, "comm" },
	{ 'E', FROM_EXE, NULL },	   { 'f', FROM_EXE_NAME, NULL },
	{ 'g', FROM_RECORD, "gid" },	   { 'h', FROM_RECORD, "hostname" },
	{ 'i', FROM_NAMESPACE_TID, NULL }, { 'I', FROM_RECORD, "tid" },
	{ 'p', FROM_NAMESPACE_PID, NULL }, { 'P', FROM_RECORD, "pid" },
	{ 's', FROM_RECORD, "signal" },	   { 'T', FROM_RECORD, "timestamp" },
	{ 'u', FROM_RECORD, "uid" },
};

struct name {
	char text[NAME_MAX_STEM + 1];
	size_t n;
};

static void append(struct name *name, const char *text)
{
	size_t n = strlen(text), room = NAME_MAX_STEM - name->n;

	if (n > room)
		n = room;
	memcpy(name->text + name->n, text, n);
	name->n += n;
}

/* Escaped text, to VALUE_MAX characters, and not in the middle of an escape. */
static void shorten(char *text)
{
	size_t n = strlen(text);

	if (n <= VALUE_MAX)
		return;
	n = VALUE_MAX;
	if (text[n - 1] == '%')
		n -= 1;
	else if (text[n - 2] == '%')
		n -= 2;
	text[n] = '\0';
}

static void append_value(struct name *name, const char *bytes)
{
	_cleanup_free_ char *text = NULL;

	if (bytes)
		text = escape_name(bytes, strnlen(bytes, VALUE_MAX));
	if (text)
		shorten(text);
	append(name, text && *text ? text : "unknown");
}

static void append_number(struct name *name, int64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, number); /* 20 digits fit */
	append(name, number == RECORD_UNKNOWN ? "unknown" : text);
}

static void append_field(struct name *name, const struct record *record, const char *key)
{
	const struct record_field *field = record_field_by_key(key);

	if (!field)
		append(name, "unknown");
	else if (field->kind == RECORD_NUMBER)
		append_number(name, record_number(record, field));
	else
		append_value(name, record_text(record, field));
}

/* The whole path, its slashes '!' as the kernel writes them. */
static void append_exe(struct name *name, const char *exe)
{
	char path[VALUE_MAX + 1];
	size_t n = exe ? strnlen(exe, VALUE_MAX) : 0;

	for (size_t i = 0; i < n; i++) {
		path[i] = exe[i];
		if (path[i] == '/')
			path[i] = '!';
	}
	path[n] = '\0';
	append_value(name, exe ? path : NULL);
}

static void append_exe_name(struct name *name, const char *exe)
{
	const char *slash = exe ? strrchr(exe, '/') : NULL;

	append_value(name, slash ? slash + 1 : exe);
}

static int64_t first_known(int64_t a, int64_t b)
{
	return a != RECORD_UNKNOWN ? a : b;
}

static void append_specifier(struct name *name, const struct specifier *specifier,
			     const struct name_facts *facts)
{
	const struct record *record = facts->record;

	switch (specifier->source) {
	case FROM_RECORD:
		append_field(name, record, specifier->key);
		break;
	case FROM_EXE:
		append_exe(name, record->exe);
		break;
	case FROM_EXE_NAME:
		append_exe_name(name, record->exe);
		break;
	case FROM_NAMESPACE_PID:
		append_number(name, first_known(facts->namespace_pid, record->pid));
		break;
	case FROM_NAMESPACE_TID:
		append_number(name, first_known(facts->namespace_tid, record->tid));
		break;
	}
}

static const struct specifier *find(char letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(specifiers); i++) {
		if (specifiers[i].letter == letter)
			return &specifiers[i];
	}
	return NULL;
}

static void append_percent(struct name *name, char letter, const struct name_facts *facts)
{
	const struct specifier *specifier = find(letter);

	if (letter == 't')
		append_number(name, facts->record->timestamp == RECORD_UNKNOWN
					    ? RECORD_UNKNOWN
					    : facts->record->timestamp / 1000000);
	else if (specifier)
		append_specifier(name, specifier, facts);
	else if (letter == '%')
		append(name, "%25");
	/* core(5): an unknown specifier is dropped; the configuration has reported it. */
}

static bool plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || strchr("_.+@:,=-", c);
}

char *name_expand(const char *template, const struct name_facts *facts)
{
	struct name name = { .n = 0 };

	for (const char *p = template; *p; p++) {
		if (*p == '%' && p[1])
			append_percent(&name, *++p, facts);
		else if (plain(*p) && !(*p == '.' && name.n == 0))
			append(&name, (char[]){ *p, '\0' });
		else
			append(&name, "_");
	}
	if (name.n == 0)
		append(&name, "core");
	name.text[name.n] = '\0';
	return strdup(name.text);
}

bool name_is_dump(const char *name)
{
	size_t n = strlen(name), suffix = strlen(NAME_SUFFIX);

	return name[0] != '.' && n > suffix &&
	       strcmp(name + n - suffix, NAME_SUFFIX) == 0;
}
