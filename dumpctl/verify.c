/* SPDX-License-Identifier: MIT */
/*
 * dumpctl verify: reads stored dumps to their last byte, and tells which are not what they say.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dumpctl/json.h"
#include "dumpctl/output.h"
#include "dumpctl/select.h"
#include "dumpctl/show.h"
#include "dumpctl/verbs.h"

enum {
	OPTION_JSON = SELECT_OPTION_NEXT,
	OPTION_ALL,
};

enum verdict {
	WHOLE,
	CUT,
	DAMAGED,
	VERDICTS,
};

static const char *const verdict_names[VERDICTS] = {
	[WHOLE] = "whole",
	[CUT] = "cut",
	[DAMAGED] = "damaged",
};

struct finding {
	enum verdict verdict;
	const char *reason; /* of the reader, or static text; NULL: nothing is wrong */
	struct dump_fault fault; /* where, if frame is not 0 */
};

struct verify {
	struct reader *reader;
	bool json;
	size_t counts[VERDICTS];
	size_t dumps;
	size_t unread; /* this user may not */
};

static int damaged(struct finding *finding, const char *reason)
{
	finding->verdict = DAMAGED;
	finding->reason = reason;
	return 0;
}

/* What is wrong with the way to it, and not with the dump. */
static bool is_passed_on(int error)
{
	return error == -ENOMEM || error == -ENOENT || error == -ESTALE ||
	       error == -EREMCHG || error == -EACCES || error == -EPERM ||
	       error == -ENOBUFS;
}

/* It cannot be read, or not to its end. */
static int unread(const struct index_entry *entry, struct reader *reader, int error,
		  struct finding *ret)
{
	if (is_passed_on(error)) {
		output_complain(entry, reader, error == -EREMCHG ? -ESTALE : error, "");
		return error;
	}
	if (reader->reason[0])
		return damaged(ret, reader->reason);
	return damaged(ret, error == -EBADMSG
				    ? "not a dump of dumpd, or its beginning is "
				      "damaged"
				    : strerrordesc_np(-error));
}

/* Return: 0; -ENOENT, -ESTALE: it was removed meanwhile; -EREMCHG; -EACCES, -EPERM; -ENOBUFS; -ENOMEM. */
static int check(const struct index_entry *entry, struct reader *reader,
		 struct finding *ret)
{
	struct verify_finding found;
	uint64_t size;
	_cleanup_fd_ int fd = -1;
	int r = 0;

	*ret = (struct finding){ .verdict = WHOLE };
	reader->reason[0] = '\0';
	fd = output_file(entry, &size);
	r = fd < 0 ? fd
		   : reader_verify(reader, fd, entry->record.id, entry->record.size_file,
				   &found);
	if (r < 0)
		return unread(entry, reader, r, ret);
	ret->reason = found.reason;
	ret->fault = found.fault;
	ret->verdict = found.damaged ? DAMAGED : entry->state == INDEX_CUT ? CUT : WHOLE;
	return 0;
}

static json_t *finding_json(const struct index_entry *entry, const char *path,
			    const struct finding *finding)
{
	json_t *object = json_object();
	int r = object ? 0 : -ENOMEM;

	if (r == 0 && entry->record.id)
		r = json_put(object, "id", json_string(entry->record.id));
	if (r == 0)
		r = json_put(object, "file", json_string(path));
	if (r == 0)
		r = json_put(object, "verdict",
			     json_string(verdict_names[finding->verdict]));
	if (r == 0 && finding->reason)
		r = json_put(object, "reason", json_string(finding->reason));
	if (r == 0 && finding->fault.frame)
		r = json_put(object, "frame", json_integer(finding->fault.frame));
	if (r == 0 && finding->fault.frame)
		r = json_put(object, "offset",
			     json_integer((json_int_t)finding->fault.offset));
	if (r == 0)
		return object;
	json_decref(object);
	return NULL;
}

static void print_line(const char *path, const struct finding *finding)
{
	printf("%-7s  %s", verdict_names[finding->verdict], path);
	if (finding->reason)
		printf(": %s", finding->reason);
	if (finding->fault.frame)
		printf(" (frame %" PRIu32 ", at byte %" PRIu64 ")", finding->fault.frame,
		       finding->fault.offset);
	putchar('\n');
}

static int verify_one(struct verify *verify, const struct index_entry *entry)
{
	_cleanup_free_ char *path = show_path(entry);
	struct finding finding;
	int r = path ? check(entry, verify->reader, &finding) : -ENOMEM;

	if (r == -EACCES || r == -EPERM || r == -ENOBUFS)
		verify->unread++;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (verify->json)
		r = json_print_row(finding_json(entry, path, &finding),
				   verify->dumps == 0, stdout);
	else
		print_line(path, &finding);
	verify->dumps++;
	verify->counts[finding.verdict]++;
	return r;
}

/* What a later vacuum removed, and crashes without a dump, are no damage. */
static int verify_all(struct verify *verify, const struct select *select)
{
	int r = 0;

	if (verify->json)
		putchar('[');
	for (size_t i = 0; i < select->count && r == 0; i++) {
		if (select->found[i]->name ||
		    select->found[i]->state == INDEX_INACCESSIBLE)
			r = verify_one(verify, select->found[i]);
	}
	if (verify->json)
		puts(verify->dumps ? "\n]" : "]");
	return r;
}

static int help(void)
{
	printf("Usage: dumpctl verify [<options>] [<match>...]\n\n"
	       "Reads dumps to their last byte: checksums, structure, the core in them. All of\n"
	       "the store without a match. The last line counts them.\n\n" SELECT_MANY_HELP
	       "      --all            All dumps, as without a match\n"
	       "      --json           As a JSON array\n" SELECT_HELP);
	return 0;
}

static void print_sum(const struct verify *verify)
{
	printf("verify: %zu dumps, %zu whole, %zu cut, %zu damaged", verify->dumps,
	       verify->counts[WHOLE], verify->counts[CUT], verify->counts[DAMAGED]);
	if (verify->unread)
		printf(", %zu cannot be read", verify->unread);
	putchar('\n');
}

static int run(struct select *select, struct verify *verify)
{
	if (select_load(select) < 0)
		return VERB_FAILED;
	if (select->count == 0 && select->match_count > 0)
		return select_none(select);
	if (verify_all(verify, select) < 0) {
		fputs("dumpctl verify: no memory\n", stderr);
		return VERB_FAILED;
	}
	if (!verify->json)
		print_sum(verify);
	if (verify->dumps == 0 && verify->unread == 0 && select->match_count > 0) {
		fputs("dumpctl verify: no crash that matches has a dump\n", stderr);
		return VERB_FAILED;
	}
	return verify->counts[DAMAGED] || verify->unread ? VERB_FAILED : VERB_DONE;
}

int verb_verify(int argc, char **argv)
{
	static const struct option options[] = {
		SELECT_LONG,
		SELECT_MANY_LONG,
		{ "all", no_argument, NULL, OPTION_ALL },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ NULL, 0, NULL, 0 },
	};
	_cleanup_select_ struct select select;
	struct verify verify = { .json = false };
	bool all = false;
	int c;

	select_init(&select, argv[0]);
	while ((c = getopt_long(argc, argv, SELECT_SHORT SELECT_MANY_SHORT, options,
				NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c == OPTION_JSON)
			verify.json = true;
		else if (c == OPTION_ALL)
			all = true;
		else if (select_option(&select, c, optarg) < 0)
			return VERB_USAGE;
	}
	if (all && argv[optind]) {
		fputs("dumpctl verify: --all and a match cannot both be meant\n", stderr);
		return VERB_USAGE;
	}
	if (select_matches(&select, argv + optind) < 0)
		return VERB_USAGE;
	verify.reader = &select.reader;
	return run(&select, &verify);
}
