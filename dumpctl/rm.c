/* SPDX-License-Identifier: MIT */
/*
 * dumpctl rm: removes stored dumps. What the journal has of the crashes stays.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "dumpctl/output.h"
#include "dumpctl/select.h"
#include "dumpctl/show.h"
#include "dumpctl/verbs.h"
#include "store/fixed.h"
#include "store/remove.h"

enum {
	OPTION_ALL = SELECT_OPTION_NEXT,
	OPTION_DRY_RUN,
};

struct rm {
	bool all, dry_run;
};

/* Begins as a dump does: of a damaged record nobody knows more. Return: 0 or negative errno. */
static int find_damaged(int directory, const struct index_entry *entry, struct stat *ret)
{
	_cleanup_fd_ int fd =
		openat(directory, entry->name,
		       O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	int r;

	if (fd < 0 || fstat(fd, ret) < 0)
		return -errno;
	if (!S_ISREG(ret->st_mode))
		return -EBADMSG;
	r = fixed_is_dump(fd);
	return r == 0 ? -EBADMSG : r < 0 ? r : 0;
}

/* The file that has the entry's dump. Return: 0 or negative errno. */
static int find(int directory, const struct index_entry *entry, struct reader *reader,
		struct stat *ret)
{
	_cleanup_output_dump_ struct output_dump dump = OUTPUT_NO_DUMP;
	int r = output_find(directory, entry, reader, &dump);

	if (r == -EBADMSG || r == READER_DIED)
		return find_damaged(directory, entry, ret);
	if (r < 0)
		return r;
	return fstat(dump.fd, ret) < 0 ? -errno : 0;
}

/* Only what is a dump: a record tells an id, nobody else's file does. */
static bool is_dump(const struct index_entry *entry)
{
	_cleanup_fd_ int directory = -1;
	struct stat st;

	if (entry->name && entry->record.id)
		return true;
	if (!entry->name || entry->state != INDEX_DAMAGED)
		return false;
	directory = output_directory(entry);
	return directory >= 0 && find_damaged(directory, entry, &st) == 0;
}

static size_t count_dumps(const struct select *select)
{
	size_t n = 0;

	for (size_t i = 0; i < select->count; i++)
		n += is_dump(select->found[i]);
	return n;
}

static void print_removed(const char *path, const char *size, bool dry_run, int r)
{
	if (r < 0)
		fprintf(stderr, "dumpctl rm: cannot remove %s: %s%s\n", path,
			strerror(-r), r == -EACCES || r == -EPERM ? "; run as root" : "");
	else
		printf("%s %s (%s)\n", dry_run ? "would remove" : "removed", path, size);
}

static int remove_entry(const struct index_entry *entry, struct reader *reader,
			bool dry_run)
{
	_cleanup_free_ char *path = show_path(entry);
	_cleanup_free_ char *size = show_size((int64_t)entry->size);
	_cleanup_fd_ int directory = -1;
	struct stat found = { 0 };
	int r;

	if (!path || !size) {
		fputs("dumpctl rm: no memory\n", stderr);
		return -ENOMEM;
	}
	directory = output_directory(entry);
	/* still the same dump under this name? */
	r = directory < 0 ? directory : find(directory, entry, reader, &found);
	if (r < 0) {
		output_complain(entry, reader, r, "");
		return r;
	}
	if (!dry_run)
		r = remove_dump(directory, entry->name, &found);
	print_removed(path, size, dry_run, r);
	return r;
}

static int help(void)
{
	printf("Usage: dumpctl rm [<options>] <match>...\n\n"
	       "Removes the dump of the crash that matches. Its journal entry stays: the crash\n"
	       "is then listed as missing.\n\n"
	       "      --all            All that match, or all; without it, only one is removed\n"
	       "      --dry-run        Say what would be removed\n" SELECT_HELP);
	return 0;
}

static int run(struct select *select, const struct rm *rm)
{
	size_t n;
	int status = VERB_DONE;

	if (select_load(select) < 0)
		return VERB_FAILED;
	if (select->count == 0)
		return select_none(select);
	n = count_dumps(select);
	if (n == 0) {
		fputs("dumpctl rm: no crash that matches has a dump\n", stderr);
		return VERB_FAILED;
	}
	if (n > 1 && !rm->all) {
		fprintf(stderr,
			"dumpctl rm: %zu dumps match: give an id (see `dumpctl list'), or "
			"--all\n",
			n);
		return VERB_USAGE;
	}
	for (size_t i = 0; i < select->count; i++) {
		if (is_dump(select->found[i]) &&
		    remove_entry(select->found[i], &select->reader, rm->dry_run) < 0)
			status = VERB_FAILED;
	}
	return status;
}

int verb_rm(int argc, char **argv)
{
	static const struct option options[] = {
		SELECT_LONG,
		{ "all", no_argument, NULL, OPTION_ALL },
		{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
		{ NULL, 0, NULL, 0 },
	};
	_cleanup_select_ struct select select;
	struct rm rm = { .all = false };
	int c;

	select_init(&select, argv[0]);
	while ((c = getopt_long(argc, argv, SELECT_SHORT, options, NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c == OPTION_ALL)
			rm.all = true;
		else if (c == OPTION_DRY_RUN)
			rm.dry_run = true;
		else if (select_option(&select, c, optarg) < 0)
			return VERB_USAGE;
	}
	if (!argv[optind] && !rm.all) {
		fputs("dumpctl rm: say which: an id, a PID, a name; or --all\n", stderr);
		return VERB_USAGE;
	}
	if (select_matches(&select, argv + optind) < 0)
		return VERB_USAGE;
	return run(&select, &rm);
}
