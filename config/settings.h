/* SPDX-License-Identifier: MIT */
/*
 * What the administrator decided for one crash: every key of dumpd.conf(5) as a value.
 * A new key is a member here, a row of the table in config/keys.c, and a line in the man page.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum dump_type {
	DUMP_NONE,
	DUMP_STACKS,
	DUMP_MINI,
	DUMP_HEAP,
	DUMP_FULL,
	DUMP_TYPE_MAX,
};

/* Which key; the order of struct settings, of the key table and of `dumpctl config`. */
enum setting {
	SETTING_TYPE,
	SETTING_DIRECTORY,
	SETTING_NAME_TEMPLATE,
	SETTING_COMPRESSION_LEVEL,
	SETTING_MAX_SIZE,
	SETTING_CORE_LIMIT,
	SETTING_STORE_ENVIRONMENT,
	SETTING_COUNT,
};

/* NAME_MAX less ".zst", less the "-NNN" of a name that is taken. */
#define NAME_TEMPLATE_MAX 128

struct settings {
	enum dump_type type;
	char directory[PATH_MAX];
	char name_template[NAME_TEMPLATE_MAX + 1];
	int compression_level; /* zstd's: 1 to 19 */
	uint64_t
		max_size; /* bytes of memory kept, before compression; UINT64_MAX: no limit */
	bool honour_core_limit; /* CoreLimit=honour: RLIMIT_CORE of the process lowers max_size */
	bool store_environment; /* environment values go into the journal entry */
};

/* "none", "stacks", ...: the words of the configuration, the record and the command line. */
const char *dump_type_name(enum dump_type type);
/* Return: 0 or -EINVAL. */
int dump_type_parse(const char *name, enum dump_type *ret);
