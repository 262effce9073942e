/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "dumpctl/debug_rights.h"
#include "handler/isolate_debugger.h"

/* Only root can have put a file of root's there; any other says of itself what it likes. */
static bool is_roots_file(const struct index_entry *entry)
{
	_cleanup_fd_ int dirfd = open(entry->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	return dirfd >= 0 && fstatat(dirfd, entry->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_uid == 0;
}

/* A container's root, too, is 0, and a service may have been given files that are not ours. */
static bool is_our_namespace(const struct record *record)
{
	return record->mount_namespace &&
	       strcmp(record->mount_namespace, RECORD_NAMESPACE_HOST) == 0;
}

/* NULL: root's own process. */
static const char *doubt(const struct index_entry *entry, bool elsewhere)
{
	const struct record *record = &entry->record;

	if (!is_roots_file(entry))
		return "a dump whose file does not belong to root, so its record may be forged";
	if (record->uid == RECORD_UNKNOWN)
		return "the dump of an unknown user's process";
	if (record->uid != 0)
		return ""; /* with a number */
	if (record->verified != 1)
		return "the dump of a process that is not verified to be root's";
	if (!is_our_namespace(record))
		return "the dump of a process that was in another mount namespace";
	return elsewhere ? "a dump out of a directory that was named" : NULL;
}

static int find_why(const struct index_entry *entry, bool elsewhere, char **ret)
{
	const char *why = doubt(entry, elsewhere);

	if (!why)
		return 0;
	if (why[0])
		*ret = strdup(why);
	else if (asprintf(ret, "the dump of a process of user %" PRId64,
			  entry->record.uid) < 0)
		*ret = NULL;
	return *ret ? 0 : -ENOMEM;
}

static int refuse(const char *why, int error)
{
	if (error == -ENOENT)
		fprintf(stderr,
			"dumpctl debug: %s: the debugger is to run as user %s, which is not there; "
			"to make it:\n"
			"  systemd-sysusers dumpd.conf\n"
			"or, without systemd:\n"
			"  useradd --system --user-group --no-create-home --home-dir / "
			"--shell /usr/sbin/nologin %s\n",
			why, ISOLATE_DEBUGGER_USER, ISOLATE_DEBUGGER_USER);
	else
		fprintf(stderr,
			"dumpctl debug: %s: the debugger is to run as user %s, which must not "
			"have the id of the handler's worker\n",
			why, ISOLATE_DEBUGGER_USER);
	fputs("dumpctl debug: with --no-drop it runs as root, and what is in the dump can attack it\n",
	      stderr);
	return error;
}

int debug_rights_decide(const struct index_entry *entry, bool elsewhere, bool keep,
			struct debug_rights *ret)
{
	int r;

	*ret = (struct debug_rights){ 0 };
	if (geteuid() != 0)
		return 0;
	r = find_why(entry, elsewhere, &ret->why);
	if (r < 0) {
		fprintf(stderr, "dumpctl debug: %s\n", strerror(-r));
		return r;
	}
	if (!ret->why || keep)
		return 0;
	r = isolate_debugger_find(&ret->user);
	ret->drop = r == 0;
	return r < 0 ? refuse(ret->why, r) : 0;
}

void debug_rights_done(struct debug_rights *rights)
{
	free(rights->why);
	rights->why = NULL;
}

void debug_rights_tell(const struct debug_rights *rights, const char *program,
		       bool network)
{
	if (!rights->why)
		return;
	if (rights->drop) {
		fprintf(stderr, "dumpctl debug: %s runs as user %s%s on %s\n", program,
			ISOLATE_DEBUGGER_USER, network ? "" : ", without network,",
			rights->why);
		return;
	}
	fprintf(stderr, "dumpctl debug: warning: %s runs as root on %s\n", program,
		rights->why);
	fputs("dumpctl debug: what is in it can attack the debugger; without --no-drop that has no "
	      "rights of root's\n",
	      stderr);
}
