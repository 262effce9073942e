/* SPDX-License-Identifier: MIT */
/*
 * The table of all that a record holds, and access to its members by that table.
 */
#include <errno.h>
#include <string.h>

#include "store/record.h"

#define NUMBER(member, journal)                                                         \
	{                                                                               \
#member, journal, RECORD_NUMBER, offsetof(struct record, member), false \
	}
#define TEXT(member, journal)                                                         \
	{                                                                             \
#member, journal, RECORD_TEXT, offsetof(struct record, member), false \
	}
#define LIST(member, journal)                                                        \
	{                                                                            \
#member, journal, RECORD_TEXT, offsetof(struct record, member), true \
	}
#define JOURNAL_NUMBER(member, journal)                                              \
	{                                                                            \
		NULL, journal, RECORD_NUMBER, offsetof(struct record, member), false \
	}
#define JOURNAL_TEXT(member, journal)                                              \
	{                                                                          \
		NULL, journal, RECORD_TEXT, offsetof(struct record, member), false \
	}

/*
 * COREDUMP_* names are systemd-coredump's; PID, UID, GID, SIGNAL and COMM must be there or
 * coredumpctl passes the entry over. DUMPD_* names are described in dumpd(8).
 */
const struct record_field record_fields[] = {
	TEXT(id, "DUMPD_ID"),
	NUMBER(timestamp, "COREDUMP_TIMESTAMP"),
	TEXT(boot_id, "DUMPD_BOOT_ID"),
	TEXT(hostname, "COREDUMP_HOSTNAME"),
	NUMBER(pid, "COREDUMP_PID"),
	NUMBER(tid, "COREDUMP_TID"),
	NUMBER(uid, "COREDUMP_UID"),
	NUMBER(gid, "COREDUMP_GID"),
	NUMBER(signal, "COREDUMP_SIGNAL"),
	TEXT(signal_name, "COREDUMP_SIGNAL_NAME"),
	NUMBER(signal_code, "COREDUMP_CODE"),
	TEXT(code_name, "DUMPD_CODE_NAME"),
	TEXT(fault_address, "DUMPD_FAULT_ADDRESS"),
	TEXT(fault, "DUMPD_FAULT"),
	NUMBER(sender_pid, "DUMPD_SENDER_PID"),
	NUMBER(sender_uid, "DUMPD_SENDER_UID"),
	TEXT(sender_comm, "DUMPD_SENDER_COMM"),
	NUMBER(sender_verified, "DUMPD_SENDER_VERIFIED"),
	TEXT(comm, "COREDUMP_COMM"),
	TEXT(thread_name, "COREDUMP_THREAD_NAME"),
	TEXT(exe, "COREDUMP_EXE"),
	TEXT(exe_in_core, "DUMPD_EXE_IN_CORE"),
	TEXT(build_id, "DUMPD_BUILD_ID"),
	TEXT(cmdline, "COREDUMP_CMDLINE"),
	LIST(arguments, "DUMPD_ARGUMENTS"),
	TEXT(cwd, "COREDUMP_CWD"),
	TEXT(root, "COREDUMP_ROOT"),
	TEXT(mount_namespace, "DUMPD_MOUNT_NAMESPACE"),
	TEXT(unit, "COREDUMP_UNIT"),
	TEXT(user_unit, "COREDUMP_USER_UNIT"),
	TEXT(slice, "COREDUMP_SLICE"),
	TEXT(session, "COREDUMP_SESSION"),
	NUMBER(owner_uid, "COREDUMP_OWNER_UID"),
	TEXT(cgroup, "COREDUMP_CGROUP"),
	TEXT(container_runtime, "DUMPD_CONTAINER_RUNTIME"),
	TEXT(container_id, "DUMPD_CONTAINER_ID"),
	TEXT(pod_uid, "DUMPD_POD_UID"),
	TEXT(container_claim, "DUMPD_CONTAINER_CLAIM"),
	NUMBER(rlimit, "COREDUMP_RLIMIT"),
	NUMBER(dumpable, "COREDUMP_DUMPABLE"),
	NUMBER(verified, "DUMPD_VERIFIED"),
	NUMBER(threads, "DUMPD_THREADS"),
	TEXT(arch, "DUMPD_ARCH"),
	TEXT(type, "DUMPD_TYPE"),
	TEXT(asked, "DUMPD_ASKED"),
	TEXT(outcome, "DUMPD_OUTCOME"),
	TEXT(reason, "DUMPD_REASON"),
	TEXT(release, "DUMPD_RELEASE"),
	TEXT(release_reason, "DUMPD_RELEASE_REASON"),
	TEXT(texts, "DUMPD_TEXTS"),
	TEXT(access, "DUMPD_ACCESS"),
	TEXT(access_reason, "DUMPD_ACCESS_REASON"),
	NUMBER(size_core, "DUMPD_SIZE_CORE"),
	NUMBER(size_received, "DUMPD_SIZE_RECEIVED"),
	NUMBER(size_memory, "DUMPD_SIZE_MEMORY"),
	NUMBER(size_dump, "DUMPD_SIZE_DUMP"),
	NUMBER(size_header, "DUMPD_SIZE_HEADER"),
	NUMBER(truncated, "COREDUMP_TRUNCATED"),
	NUMBER(duration, "DUMPD_DURATION_USEC"),
	NUMBER(held, "DUMPD_HELD_USEC"),
	NUMBER(planning, "DUMPD_PLANNING_USEC"),
	NUMBER(repeated, "DUMPD_REPEATED"),
	TEXT(config_problems, "DUMPD_CONFIG_PROBLEMS"),
	TEXT(version, "DUMPD_VERSION"),
	TEXT(data_files, "DUMPD_DATA_FILES"),
	TEXT(modules, "DUMPD_MODULES"),
	JOURNAL_TEXT(filename, "COREDUMP_FILENAME"),
	JOURNAL_NUMBER(size_file, "DUMPD_SIZE_FILE"),
};

const size_t record_field_count = ARRAY_SIZE(record_fields);

static int64_t *number_at(const struct record *record, const struct record_field *field)
{
	return (int64_t *)((char *)record + field->offset);
}

static char **text_at(const struct record *record, const struct record_field *field)
{
	return (char **)((char *)record + field->offset);
}

void record_init(struct record *record)
{
	memset(record, 0, sizeof(*record));
	for (size_t i = 0; i < record_field_count; i++) {
		if (record_fields[i].kind == RECORD_NUMBER)
			*number_at(record, &record_fields[i]) = RECORD_UNKNOWN;
	}
}

void record_done(struct record *record)
{
	for (size_t i = 0; i < record_field_count; i++) {
		if (record_fields[i].kind == RECORD_TEXT)
			free(*text_at(record, &record_fields[i]));
	}
	record_init(record);
}

int record_copy(const struct record *from, struct record *ret)
{
	int r = 0;

	record_done(ret);
	for (size_t i = 0; i < record_field_count && r == 0; i++) {
		const struct record_field *field = &record_fields[i];
		const char *text;

		if (field->kind == RECORD_NUMBER) {
			record_set_number(ret, field, record_number(from, field));
			continue;
		}
		text = record_text(from, field);
		r = text ? record_set_text(ret, field, text, strlen(text)) : 0;
	}
	return r;
}

bool record_is_cut(const struct record *record)
{
	return record->truncated == 1 ||
	       (record->outcome && strcmp(record->outcome, OUTCOME_CUT) == 0);
}

int64_t record_number(const struct record *record, const struct record_field *field)
{
	return *number_at(record, field);
}

const char *record_text(const struct record *record, const struct record_field *field)
{
	return *text_at(record, field);
}

void record_set_number(struct record *record, const struct record_field *field,
		       int64_t value)
{
	*number_at(record, field) = value;
}

int record_set_text(struct record *record, const struct record_field *field,
		    const void *bytes, size_t n)
{
	char *copy = malloc(n + 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, n);
	copy[n] = '\0';
	free(*text_at(record, field));
	*text_at(record, field) = copy;
	return 0;
}

const struct record_field *record_field_by_key(const char *key)
{
	for (size_t i = 0; i < record_field_count; i++) {
		if (record_fields[i].key && strcmp(record_fields[i].key, key) == 0)
			return &record_fields[i];
	}
	return NULL;
}

const struct record_field *record_field_by_journal(const char *name)
{
	for (size_t i = 0; i < record_field_count; i++) {
		if (record_fields[i].journal &&
		    strcmp(record_fields[i].journal, name) == 0)
			return &record_fields[i];
	}
	return NULL;
}
