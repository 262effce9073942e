/* SPDX-License-Identifier: MIT */
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/escape.h"
#include "dumpctl/info_container.h"
#include "dumpctl/info_rows.h"
#include "dumpctl/modules.h"
#include "dumpctl/show.h"

static char *row_time(const struct index_entry *entry)
{
	return show_time(entry->record.timestamp, (int64_t)time(NULL) * 1000000);
}

/* "1234 (name)" */
static char *number_and_name(int64_t number, const char *raw)
{
	_cleanup_free_ char *name = raw ? escape_text(raw, strlen(raw)) : NULL;
	char *text;

	if (raw && !name)
		return NULL;
	if (number == RECORD_UNKNOWN)
		return name ? TAKE_PTR(name) : strdup("");
	if (asprintf(&text, "%" PRId64 "%s%s%s", number, name ? " (" : "",
		     name ? name : "", name ? ")" : "") < 0)
		return NULL;
	return text;
}

static char *row_process(const struct index_entry *entry)
{
	const struct record *record = &entry->record;

	return number_and_name(record->pid, record->comm);
}

static char *row_thread(const struct index_entry *entry)
{
	const struct record *record = &entry->record;

	if (record->tid == RECORD_UNKNOWN || record->tid == record->pid)
		return strdup("");
	return number_and_name(record->tid, record->thread_name);
}

static bool is_id(int64_t number)
{
	return number >= 0 && number < UINT32_MAX;
}

static char *row_user(const struct index_entry *entry)
{
	int64_t uid = entry->record.uid;
	const struct passwd *user = is_id(uid) ? getpwuid((uid_t)uid) : NULL;

	if (uid == RECORD_UNKNOWN)
		return strdup("unknown");
	return number_and_name(uid, user ? user->pw_name : NULL);
}

static char *row_group(const struct index_entry *entry)
{
	int64_t gid = entry->record.gid;
	const struct group *group = is_id(gid) ? getgrgid((gid_t)gid) : NULL;

	if (gid == RECORD_UNKNOWN)
		return strdup("unknown");
	return number_and_name(gid, group ? group->gr_name : NULL);
}

static char *row_signal(const struct index_entry *entry)
{
	return number_and_name(entry->record.signal, entry->record.signal_name);
}

/* "1 (SEGV_MAPERR)" */
static char *row_code(const struct index_entry *entry)
{
	return number_and_name(entry->record.signal_code, entry->record.code_name);
}

/* In words what the record has as one; a word of a later version as it is. */
static char *row_fault(const struct index_entry *entry)
{
	static const char *const texts[][2] = {
		{ "stack-overflow", "the thread has used up its stack" },
		{ "no-signal-frame", "no room for a signal frame: the stack pointer is "
				     "outside all memory that can be written" },
		{ "non-canonical", "probably a non-canonical address, which the "
				   "processor does not tell" },
	};
	const char *word = entry->record.fault;

	for (size_t i = 0; word && i < ARRAY_SIZE(texts); i++) {
		if (strcmp(word, texts[i][0]) == 0)
			return strdup(texts[i][1]);
	}
	return word ? escape_text(word, strlen(word)) : strdup("");
}

/* What nobody has verified, a program may have made up (sigqueue(3)). */
#define CLAIMED ", as the signal says; not verified"

/*
 * abort(3): whoever else sends has the kernel write down who it is (kernel/signal.c, do_rt_sigqueueinfo()), so
 * that this is true, or of the process' own making.
 */
static const char *from_itself(int64_t code)
{
	bool own = code == SI_USER || code == SI_TKILL;

	return own ? "the process itself, as the signal says"
		   : "the process itself" CLAIMED;
}

static char *row_sender(const struct index_entry *entry)
{
	const struct record *record = &entry->record;
	_cleanup_free_ char *process = NULL;
	bool verified = record->sender_verified == 1;
	char *text;

	if (record->sender_pid == RECORD_UNKNOWN)
		return strdup("");
	if (record->sender_pid == 0)
		return strdup("a process outside of its PID namespace" CLAIMED);
	if (record->sender_pid == record->pid)
		return strdup(from_itself(record->signal_code));
	process = number_and_name(record->sender_pid, record->sender_comm);
	if (!process || asprintf(&text, "%s of user %" PRId64 "%s", process,
				 record->sender_uid, verified ? "" : CLAIMED) < 0)
		return NULL;
	return text;
}

/*
 * What a shell takes as it is: of the backslashes there is a record's own alone, for nothing that is not printable
 * is without an escape.
 */
static char *row_cmdline(const struct index_entry *entry)
{
	const char *raw = entry->record.cmdline;
	char *text = raw ? escape_text(raw, strlen(raw)) : strdup("");
	char *to = text;

	for (const char *from = text; from && *from;) {
		bool backslash = strncmp(from, "\\x5c", 4) == 0;

		*to++ = *from;
		from += backslash ? 4 : 1;
	}
	if (to)
		*to = '\0';
	return text;
}

static char *row_verified(const struct index_entry *entry)
{
	switch (entry->record.verified) {
	case 1:
		return strdup("yes");
	case 0:
		return strdup("no (facts of /proc are only likely)");
	default:
		return strdup("");
	}
}

static char *row_dumpable(const struct index_entry *entry)
{
	/* PR_GET_DUMPABLE of prctl(2), as the kernel told it. */
	static const char *const words[] = {
		"0 (not dumpable)",
		"1 (an ordinary process)",
		"2 (its privileges changed: for root only)",
	};
	int64_t dumpable = entry->record.dumpable;

	if (dumpable < 0 || dumpable >= (int64_t)ARRAY_SIZE(words))
		return strdup("");
	return strdup(words[dumpable]);
}

/* On the host there is nothing to tell. */
static char *row_mount_namespace(const struct index_entry *entry)
{
	const char *namespace = entry->record.mount_namespace;

	if (!namespace || strcmp(namespace, RECORD_NAMESPACE_OWN) != 0)
		return strdup("");
	return strdup("a mount namespace of its own: its paths may be other files here");
}

static char *row_build_id(const struct index_entry *entry)
{
	return modules_executable(&entry->record);
}

static char *row_modules(const struct index_entry *entry)
{
	return modules_summary(&entry->record);
}

static char *row_limit(const struct index_entry *entry)
{
	int64_t limit = entry->record.rlimit;

	if (limit == RECORD_UNKNOWN)
		return strdup("");
	return limit == RECORD_UNLIMITED ? strdup("unlimited") : show_size(limit);
}

static char *row_state(const struct index_entry *entry)
{
	_cleanup_free_ char *path = show_path(entry);
	const char *state = index_state_name(entry->state);
	char *text;

	if (!path)
		return NULL;
	if (strcmp(path, "-") == 0)
		return strdup(state);
	return asprintf(&text, "%s, %s", state, path) < 0 ? NULL : text;
}

/* "root alone: the process was root's" */
static char *row_access(const struct index_entry *entry)
{
	const struct record *record = &entry->record;
	const char *raw = record->access_reason ? record->access_reason : "";
	_cleanup_free_ char *reason = escape_text(raw, strlen(raw));
	char *text;

	if (!record->access)
		return strdup("");
	if (strcmp(record->access, RECORD_ACCESS_OWNER) == 0)
		return strdup("root and its user");
	if (!reason ||
	    asprintf(&text, "root alone%s%s", reason[0] ? ": " : "", reason) < 0)
		return NULL;
	return text;
}

/* "228.0K on disk, 1.3M extracted, 27.7M the kernel's core", as far as it is known. */
static char *row_size(const struct index_entry *entry)
{
	const struct {
		int64_t size;
		const char *what;
	} parts[] = {
		{ entry->name ? (int64_t)entry->size : -1, "on disk" },
		{ entry->record.size_dump, "extracted" },
		{ entry->record.size_core, "the kernel's core" },
	};
	char *text = strdup("");

	for (size_t i = 0; text && i < ARRAY_SIZE(parts); i++) {
		_cleanup_free_ char *before = text;
		_cleanup_free_ char *size = NULL;

		if (parts[i].size < 0) {
			before = NULL;
			continue;
		}
		size = show_size(parts[i].size);
		if (!size || asprintf(&text, "%s%s%s %s", before, before[0] ? ", " : "",
				      size, parts[i].what) < 0)
			text = NULL;
	}
	return text;
}

/* "0.041 s, of which 0.006 s to plan" */
static char *row_duration(const struct index_entry *entry)
{
	double all = (double)entry->record.duration / 1e6;
	double planning = (double)entry->record.planning / 1e6;
	char *text;
	int r;

	if (entry->record.duration < 0)
		return strdup("");
	if (entry->record.planning < 0)
		r = asprintf(&text, "%.3f s", all);
	else
		r = asprintf(&text, "%.3f s, of which %.3f s to plan", all, planning);
	return r < 0 ? NULL : text;
}

/* "0.020 s, until what is kept of it was read" */
static char *row_held(const struct index_entry *entry)
{
	const struct record *record = &entry->record;
	bool early = record->release && strcmp(record->release, "early") == 0;
	bool read = record->size_dump > 0 && !early;
	char *text;

	if (record->held < 0)
		return strdup("");
	return asprintf(&text, "%.3f s%s", (double)record->held / 1e6,
			read ? ", until what is kept of it was read" : "") < 0
		       ? NULL
		       : text;
}

/* "copied first, memory pinned until it was packed: what is kept of it is small" */
static char *row_release(const struct index_entry *entry)
{
	static const char *const ways[][2] = {
		{ "early", "before its memory was read" },
		{ "copied", "copied first, memory pinned until it was packed" },
		{ "held", "copied first, memory freed by the process itself" },
	};
	const struct record *record = &entry->record;
	const char *raw_way = record->release ? record->release : "";
	const char *raw = record->release_reason ? record->release_reason : "";
	_cleanup_free_ char *way = NULL;
	_cleanup_free_ char *reason = escape_text(raw, strlen(raw));
	char *text;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (strcmp(raw_way, ways[i][0]) == 0)
			raw_way = ways[i][1];
	}
	way = escape_text(raw_way, strlen(raw_way));
	if (!way || !reason ||
	    asprintf(&text, "%s%s%s", way, reason[0] ? ": " : "", reason) < 0)
		return NULL;
	return text;
}

/* Directory= was another when it was stored. */
static char *next_elsewhere(const char *filename, const char *id)
{
	const char *slash = strrchr(filename, '/');
	_cleanup_free_ char *word = escape_shell(filename, (size_t)(slash - filename));
	char *text;

	if (!word ||
	    asprintf(&text, "dumpctl debug -D %s %s, or dumpctl extract -D %s %s -o FILE",
		     word, id, word, id) < 0)
		return NULL;
	return text;
}

/* How to go on from each state. */
static char *row_next(const struct index_entry *entry)
{
	_cleanup_free_ char *id = show_text(entry->record.id);
	char *text;
	int r;

	if (!id)
		return NULL;
	switch (entry->state) {
	case INDEX_PRESENT:
	case INDEX_CUT:
		if (!entry->record.id)
			return strdup("dumpctl debug, or dumpctl extract, by its PID");
		r = asprintf(&text, "dumpctl debug %s, or dumpctl extract %s -o FILE", id,
			     id);
		return r < 0 ? NULL : text;
	case INDEX_MISSING:
		return strdup(
			"the file was removed, or moved by hand; then give -D DIRECTORY");
	case INDEX_ELSEWHERE:
		return next_elsewhere(entry->record.filename, id);
	case INDEX_INACCESSIBLE:
		return strdup("this user may not read it: run as root, or as its user");
	case INDEX_DAMAGED:
		return strdup(
			"zstd -dc FILE >CORE writes what can still be read of a dump");
	default:
		return strdup("");
	}
}

const struct info_row info_rows[] = {
	{ "ID", "id", NULL, false, NULL },
	{ "Time", NULL, row_time, false, NULL },
	{ "Process", NULL, row_process, false, NULL },
	{ "Thread", NULL, row_thread, false, NULL },
	{ "User", NULL, row_user, false, NULL },
	{ "Group", NULL, row_group, false, NULL },
	{ "Signal", NULL, row_signal, false, NULL },
	{ "Signal code", NULL, row_code, false, NULL },
	{ "Sent by", NULL, row_sender, false, NULL },
	{ "Fault", NULL, row_fault, false, NULL },
	{ "Fault address", "fault_address", NULL, false, NULL },
	{ "Executable", "exe", NULL, false, NULL },
	{ "In the core", "exe_in_core", NULL, false, NULL },
	{ "Build-id", NULL, row_build_id, false, NULL },
	{ "Modules", NULL, row_modules, false, "--modules" },
	{ "Command line", NULL, row_cmdline, false, NULL },
	{ "Directory", "cwd", NULL, false, NULL },
	{ "Root", "root", NULL, false, NULL },
	{ "Namespace", NULL, row_mount_namespace, false, NULL },
	{ "Unit", "unit", NULL, false, NULL },
	{ "User unit", "user_unit", NULL, false, NULL },
	{ "Slice", "slice", NULL, false, NULL },
	{ "Session", "session", NULL, false, NULL },
	{ "Session owner", "owner_uid", NULL, false, NULL },
	{ "Control group", "cgroup", NULL, false, NULL },
	{ "Container", NULL, info_container, false, NULL },
	{ "Pod", "pod_uid", NULL, false, NULL },
	{ "Host", "hostname", NULL, false, NULL },
	{ "Boot", "boot_id", NULL, false, NULL },
	{ "Architecture", "arch", NULL, false, NULL },
	{ "Threads", "threads", NULL, false, NULL },
	{ "Core limit", NULL, row_limit, false, NULL },
	{ "Dumpable", NULL, row_dumpable, false, NULL },
	{ "Verified", NULL, row_verified, false, NULL },
	{ "Type", "type", NULL, false, NULL },
	{ "Asked for", "asked", NULL, false, NULL },
	{ "Outcome", "outcome", NULL, false, NULL },
	{ "Dump", NULL, row_state, false, NULL },
	{ "Readable by", NULL, row_access, false, NULL },
	{ "Size", NULL, row_size, false, NULL },
	{ "Stands for more", "repeated", NULL, false, NULL },
	{ "Reason", "reason", NULL, true, NULL },
	{ "It said", "texts", NULL, true, NULL },
	{ "Held", NULL, row_held, false, NULL },
	{ "Released", NULL, row_release, false, NULL },
	{ "Took", NULL, row_duration, false, NULL },
	{ "Configuration", "config_problems", NULL, true, NULL },
	{ "dumpd", "version", NULL, false, NULL },
	{ "Go on with", NULL, row_next, false, NULL },
};

const size_t info_row_count = ARRAY_SIZE(info_rows);
