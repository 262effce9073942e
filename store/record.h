/* SPDX-License-Identifier: MIT */
/*
 * The record: what is known of one crash, in the dump's first frame (JSON), in the journal
 * (COREDUMP_* and DUMPD_* fields) and in what dumpctl prints. One table, record_fields, says
 * for every member its JSON key and its journal field; all three forms are made from it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/* A number that is not known. A text that is not known is NULL. */
#define RECORD_UNKNOWN INT64_MIN

/* rlimit: RLIM_INFINITY. Above it nothing fits a JSON integer. */
#define RECORD_UNLIMITED INT64_MAX

/* 12 hexadecimal digits, the first a letter, so that it is never taken for a PID. */
#define RECORD_ID_LENGTH 12

/*
 * Texts are the program's own bytes (no NUL inside), escaped only in JSON and when printed;
 * each is malloced and owned by the record.
 */
struct record {
	char *id;
	int64_t timestamp; /* µs since the epoch, CLOCK_REALTIME */
	char *boot_id; /* 32 hexadecimal digits */
	char *hostname;
	int64_t pid; /* in the initial PID namespace */
	int64_t tid; /* of the crashing thread, there too */
	int64_t uid; /* real ids in the initial user namespace */
	int64_t gid;
	int64_t signal;
	char *signal_name; /* "SIGSEGV" */
	int64_t signal_code; /* si_code */
	char *code_name; /* "SEGV_MAPERR"; NULL for a code without a name */
	char *fault_address; /* si_addr, "0x...", where the code gives it a meaning */
	char *fault; /* "stack-overflow", ... (filter/fault.h) */
	int64_t sender_pid; /* of the signal: verified, in the initial PID namespace; else si_pid */
	int64_t sender_uid; /* real id of that process; else si_uid */
	char *sender_comm; /* its name, if it is verified */
	int64_t sender_verified; /* 1: see handler/process_sender.h; 0: as the signal says it */
	char *comm; /* name of the process, which is its first thread's */
	char *thread_name; /* of the crashing thread */
	char *exe; /* absolute path, with " (deleted)" if /proc says so */
	char *exe_in_core; /* in the core's map of files, if another: overlayfs, chroot */
	char *build_id; /* of the executable: hexadecimal digits, out of its memory */
	char *cmdline; /* as systemd-coredump writes it: each argument quoted for a shell */
	char *arguments; /* the same, exactly: a list; NULL where it is cut or not certain */
	char *cwd;
	char *root; /* only if not "/" */
	char *mount_namespace; /* whose mount namespace its paths are of: RECORD_NAMESPACE_HOST or _OWN */
	char *unit; /* systemd's view of the process, from its cgroup */
	char *user_unit;
	char *slice;
	char *session;
	int64_t owner_uid; /* of the session */
	char *cgroup;
	char *container_runtime; /* "podman", ...: by the name of the control group */
	char *container_id; /* or its name, where the runtime knows it by that */
	char *pod_uid; /* of Kubernetes' pod */
	char *container_claim; /* for people: in place of these what a user may have made up */
	int64_t rlimit; /* soft RLIMIT_CORE in bytes, or RECORD_UNLIMITED */
	int64_t dumpable; /* %d: 0, 1, 2 */
	int64_t verified; /* 1: /proc's facts were confirmed by the pidfd afterwards */
	int64_t threads;
	char *arch; /* "x86-64", "i386", "aarch64" */
	char *type; /* what was asked for: "mini", ... */
	char *asked; /* by the process itself (DUMPD_TYPE), allowed or not: "stacks", ... */
	char *outcome; /* enum outcome's word */
	char *texts; /* the program's own words: its hints of kind text; lines */
	char *reason; /* for people: why not all that was asked for; lines */
	char *release; /* how the crashed process was released: "held", "copied", "early" */
	char *release_reason; /* for people: why so */
	char *access; /* who may read the stored file: RECORD_ACCESS_OWNER or _ROOT */
	char *access_reason; /* for people: why root alone */
	int64_t size_core; /* bytes of the core that the kernel announced */
	int64_t size_received; /* bytes of it that came out of the pipe, as far as they were read */
	int64_t size_memory; /* bytes of it that were read out of the process' memory instead */
	int64_t size_dump; /* bytes of the dump when extracted */
	int64_t size_header; /* of these, ELF header, program headers and notes */
	int64_t truncated; /* 1: memory that the type asked for is missing */
	int64_t duration; /* µs from the handler's start to the finished file */
	int64_t held; /* of these, µs until the crashed process was let go */
	int64_t planning; /* of these, µs from the core's headers to the plan */
	int64_t repeated; /* crashes that have no record of their own and are in this one */
	char *config_problems; /* lines: what dumpd.conf got wrong and what held instead */
	char *version; /* of dumpd */
	char *data_files; /* which others were mapped, device and inode: lines of /proc/PID/maps without path */
	char *modules; /* the mapped ELF files and their build-ids: store/modules.h */
	char *filename; /* absolute path; in the journal only, a file may be moved */
	int64_t size_file; /* bytes on disk; in the journal only */
};

/* outcome: what became of the crash. */
#define OUTCOME_COMPLETE "complete" /* all that the type asks for is stored */
#define OUTCOME_CUT	 "cut" /* a smaller dump is stored; reason says what it lacks */
#define OUTCOME_RECORD	 "record" /* no dump, as asked (Type=none, RLIMIT_CORE 0) */
#define OUTCOME_FAILED	 "failed" /* no dump though one was asked for; reason says why */

/* access */
#define RECORD_ACCESS_OWNER "owner" /* root, and the user with the record's uid */
#define RECORD_ACCESS_ROOT  "root" /* root alone */

/* mount_namespace */
#define RECORD_NAMESPACE_HOST "host" /* the handler's, which is the host's */
#define RECORD_NAMESPACE_OWN \
	"own" /* another: of a container, or of a service (PrivateTmp=) */

enum record_kind {
	RECORD_TEXT,
	RECORD_NUMBER,
};

struct record_field {
	const char *key; /* in JSON; NULL: not in the file's record */
	const char *journal; /* field name; NULL: not in the journal */
	enum record_kind kind;
	size_t offset; /* of the member */
	bool list; /* a text that is a list: store/record_list.h */
};

extern const struct record_field record_fields[];
extern const size_t record_field_count;

void record_init(struct record *record);
void record_done(struct record *record);
#define _cleanup_record_ _cleanup_(record_done)

/* Into a record that was initialised. Return: 0 or -ENOMEM. */
int record_copy(const struct record *from, struct record *ret) _must_check_;

/* A smaller dump than was asked for is stored. */
bool record_is_cut(const struct record *record);

int64_t record_number(const struct record *record, const struct record_field *field);
const char *record_text(const struct record *record, const struct record_field *field);
void record_set_number(struct record *record, const struct record_field *field,
		       int64_t value);
/* Copies n bytes. Return: 0 or -ENOMEM. */
int record_set_text(struct record *record, const struct record_field *field,
		    const void *bytes, size_t n) _must_check_;

/* The field of a JSON key or of a journal field name, NULL if there is none. */
const struct record_field *record_field_by_key(const char *key);
const struct record_field *record_field_by_journal(const char *name);

/*
 * JSON with sorted members as in the table, one line, at most `size` bytes with the NUL
 * (0: no limit). Texts are shortened evenly until it fits. Return: a new string or NULL.
 */
char *record_to_json(const struct record *record, size_t size) _must_check_;

/* The whole of it, to be added to. Return: a new object or NULL. */
struct json_t *record_json(const struct record *record) _must_check_;

/*
 * A record out of JSON of n bytes (hostile by assumption). Unknown members are ignored,
 * members of a wrong type, and ids and numbers that cannot be (store/valid.h), make it
 * invalid. Return: 0, -EBADMSG, -ENOMEM.
 */
int record_from_json(const char *json, size_t n, struct record *ret) _must_check_;
