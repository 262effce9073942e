/* SPDX-License-Identifier: MIT */
/*
 * What the administrator decided for one crash: every key of dumpd.conf(5) as a value.
 * A new key is a member here, a row of the table in config/keys.c, and a line in the man page.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/glob_list.h"
#include "config/share.h"

/* From poor to rich; custom is what the administrator made of it. */
enum dump_type {
	DUMP_NONE,
	DUMP_TRIAGE,
	DUMP_STACKS,
	DUMP_MINI,
	DUMP_HEAP,
	DUMP_FULL,
	DUMP_CUSTOM,
	DUMP_TYPE_MAX,
};

/* Which key; the order of struct settings, of the key table and of `dumpctl config`. */
enum setting {
	SETTING_TYPE,
	SETTING_ASK_TYPES,
	SETTING_BUDGET,
	SETTING_RANKS,
	SETTING_MAPPING_MAX,
	SETTING_KEEP,
	SETTING_DROP,
	SETTING_DIRECTORY,
	SETTING_NAME_TEMPLATE,
	SETTING_COMPRESSION_LEVEL,
	SETTING_MAX_SIZE,
	SETTING_CORE_LIMIT,
	SETTING_MAX_USE,
	SETTING_KEEP_FREE,
	SETTING_MAX_COUNT,
	SETTING_MAX_AGE,
	SETTING_SPOOL_MAX,
	SETTING_DEADLINE,
	SETTING_RELEASE_EARLY,
	SETTING_STORE_ENVIRONMENT,
	SETTING_ACCESS,
	SETTING_RUNTIME_DIRECTORY,
	SETTING_SLOTS,
	SETTING_SLOT_WAIT,
	SETTING_RATE_PERIOD,
	SETTING_RATE_DUMPS,
	SETTING_RATE_MINI,
	SETTING_RATE_USER_DUMPS,
	SETTING_RATE_USER_MINI,
	SETTING_COUNT,
};

/* NAME_MAX less ".zst", less the "-NNN" of a name that is taken. */
#define NAME_TEMPLATE_MAX 128

/* Of Slots=: each may take SpoolMax of memory and is a file that may have to be tried. */
#define SLOTS_MAX 1024

struct settings {
	enum dump_type type;
	uint32_t ask_types; /* bits 1 << enum dump_type that DUMPD_TYPE may ask for */
	/* Bytes before compression; UINT64_MAX: no limit. */
	uint64_t budget; /* of what mini and custom keep beyond stacks and globals */
	uint32_t ranks; /* custom: bits of config/rank_list.h */
	uint64_t mapping_max; /* custom: of one mapping, by ranks private and above */
	struct glob_list keep,
		drop; /* names of mappings; for all types but none and full */
	char directory[PATH_MAX];
	char name_template[NAME_TEMPLATE_MAX + 1];
	int compression_level; /* zstd's: 1 to 19 */
	uint64_t
		max_size; /* bytes of memory kept, before compression; UINT64_MAX: no limit */
	bool honour_core_limit; /* CoreLimit=honour: RLIMIT_CORE of the process lowers max_size */
	struct share max_use; /* of the file system, for all dumps */
	struct share keep_free; /* of it, what dumps leave to others */
	uint64_t
		max_count; /* dumps of one executable of one user; UINT64_MAX: no limit */
	uint64_t max_age; /* seconds; UINT64_MAX: no limit */
	uint64_t
		spool_max; /* bytes that may wait to be packed; UINT64_MAX: no limit of ours */
	uint64_t deadline; /* seconds that a process may be held; UINT64_MAX: no limit */
	bool release_early; /* the process is let go before its memory is read */
	bool store_environment; /* environment values go into the journal entry */
	bool access_owner; /* Access=owner: users may read the dumps of their own processes */
	char runtime_directory
		[PATH_MAX]; /* of slots and counts, which a boot begins anew */
	unsigned int slots; /* large dumps at a time; 0: as many as processors */
	uint64_t slot_wait; /* seconds; UINT64_MAX: no limit of ours, here and below */
	/* How many dumps as configured and mini at most, in a period of seconds. */
	uint64_t rate_period;
	uint64_t rate_dumps, rate_mini; /* of an executable */
	uint64_t rate_user_dumps, rate_user_mini; /* of a user's executables */
};

/* For people; the order of enum dump_type. */
#define DUMP_TYPE_WORDS "none, triage, stacks, mini, heap, full, custom"

/* "none", "triage", ...: the words of the configuration, the record and the command line. */
const char *dump_type_name(enum dump_type type);
/* Return: 0 or -EINVAL. */
int dump_type_parse(const char *name, enum dump_type *ret);
