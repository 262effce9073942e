/* SPDX-License-Identifier: MIT */
/*
 * dumpctl extract: the core file of a crash, to standard output or into a file. The file
 * appears whole or not at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "dumpctl/output.h"
#include "dumpctl/select.h"
#include "dumpctl/verbs.h"

#define OPTION_FORCE SELECT_OPTION_NEXT

static int cannot_write(const char *path, int error, const char *advice)
{
	fprintf(stderr, "dumpctl extract: cannot write `%s': %s%s\n", path,
		strerror(error), advice);
	return VERB_FAILED;
}

/* Only a regular file may be replaced: not /dev/null, not what a link points to. */
static int check_target(const char *path, bool force)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return 0;
	if (!force)
		return cannot_write(path, EEXIST, "; --force replaces it");
	if (!S_ISREG(st.st_mode))
		return cannot_write(path, EEXIST, " and is not a regular file");
	return 0;
}

/* Give the finished file its name. Without --force a file that came meanwhile stays. */
static int put_in_place(const char *temporary, const char *path, bool force)
{
	unsigned int flags = force ? 0 : RENAME_NOREPLACE;

	if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, flags) == 0)
		return 0;
	/* File systems without RENAME_NOREPLACE (NFS) can link. */
	if (!force && errno == EINVAL && link(temporary, path) == 0)
		return unlink(temporary) < 0 ? cannot_write(temporary, errno, "") : 0;
	return cannot_write(path, errno, "");
}

static int write_file(const struct index_entry *entry, struct reader *reader,
		      const char *path, const char *temporary, int fd, bool force)
{
	if (output_core(entry, reader, fd) < 0) {
		(void)close(fd); /* the file goes away */
		return VERB_FAILED;
	}
	/* Some file systems tell only now that the disk is full. */
	if (close(fd) < 0)
		return cannot_write(path, errno, "");
	return put_in_place(temporary, path, force);
}

static int to_file(const struct index_entry *entry, struct reader *reader,
		   const char *path, bool force)
{
	_cleanup_free_ char *temporary = NULL;
	int fd, status;

	if (check_target(path, force) != 0)
		return VERB_FAILED;
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
		temporary = NULL;
		return cannot_write(path, ENOMEM, "");
	}
	output_hold_signals();
	fd = mkostemp(temporary, O_CLOEXEC); /* 0600 */
	if (fd < 0) {
		status = cannot_write(path, errno, "");
	} else {
		status = write_file(entry, reader, path, temporary, fd, force);
		if (status != 0)
			(void)unlink(temporary); /* gone is all it has to be */
	}
	output_deliver_signals();
	return status;
}

static int to_stdout(const struct index_entry *entry, struct reader *reader)
{
	int r;

	if (isatty(STDOUT_FILENO)) {
		fputs("dumpctl extract: a core is nothing for a terminal; redirect the output "
		      "or give -o FILE\n",
		      stderr);
		return VERB_USAGE;
	}
	r = output_core(entry, reader, STDOUT_FILENO);
	if (r == 0)
		return 0;
	if (r != -ENOENT) /* there was something to write */
		fputs("dumpctl extract: standard output did not get a whole core\n",
		      stderr);
	return VERB_FAILED;
}

static int help(void)
{
	printf("Usage: dumpctl extract [<options>] [<match>...]\n\n"
	       "Writes the core file of the newest crash that matches.\n\n"
	       "  -o, --output=FILE    Into FILE (mode 0600), not to standard output\n"
	       "      --force          Replace FILE if it exists\n" SELECT_HELP);
	return 0;
}

static int run(struct select *select, const char *path, bool force)
{
	const struct index_entry *entry;

	if (select_load(select) < 0)
		return VERB_FAILED;
	entry = select_newest(select);
	if (!entry)
		return VERB_FAILED;
	return path ? to_file(entry, &select->reader, path, force)
		    : to_stdout(entry, &select->reader);
}

int verb_extract(int argc, char **argv)
{
	static const struct option options[] = {
		SELECT_LONG,
		{ "output", required_argument, NULL, 'o' },
		{ "force", no_argument, NULL, OPTION_FORCE },
		{ NULL, 0, NULL, 0 },
	};
	_cleanup_select_ struct select select;
	const char *path = NULL;
	bool force = false;
	int c;

	select_init(&select, argv[0]);
	while ((c = getopt_long(argc, argv, "o:" SELECT_SHORT, options, NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c == 'o')
			path = optarg;
		else if (c == OPTION_FORCE)
			force = true;
		else if (select_option(&select, c, optarg) < 0)
			return VERB_USAGE;
	}
	if (select_matches(&select, argv + optind) < 0)
		return VERB_USAGE;
	return run(&select, path, force);
}
