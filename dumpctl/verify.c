/* SPDX-License-Identifier: MIT */
/*
 * dumpctl verify: reads stored dumps to their last byte, and tells which are not what they say.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dumpctl/json.h"
#include "dumpctl/output.h"
#include "dumpctl/reader_verify.h"
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

	/* those of which the reader is asked next */
	const struct index_entry *entries[READER_FDS];
	struct reader_verify questions[READER_FDS];
	size_t waiting;
	int error; /* -ENOMEM: there is no memory to tell of one */
};

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

static void tell(struct verify *verify, const struct index_entry *entry,
		 const struct finding *finding)
{
	_cleanup_free_ char *path = show_path(entry);

	if (!path) {
		verify->error = -ENOMEM;
		return;
	}
	if (verify->json)
		verify->error = json_print_row(finding_json(entry, path, finding),
					       verify->dumps == 0, stdout);
	else
		print_line(path, finding);
	verify->dumps++;
	verify->counts[finding->verdict]++;
}

/* What is wrong with the way to it, and not with the dump. */
static bool is_passed_on(int error)
{
	return error == -ENOENT || error == -ESTALE || error == -EREMCHG ||
	       error == -EACCES || error == -EPERM || error == -ENOBUFS;
}

/* It cannot be read, or not to its end. */
static void tell_unread(struct verify *verify, const struct index_entry *entry, int error)
{
	const char *said = verify->reader->reason;
	struct finding finding = { .verdict = DAMAGED, .reason = said };

	if (error == -ENOMEM) {
		verify->error = error;
		return;
	}
	if (is_passed_on(error)) {
		output_complain(entry, verify->reader,
				error == -EREMCHG ? -ESTALE : error, "");
		verify->unread += error == -EACCES || error == -EPERM ||
				  error == -ENOBUFS;
		return;
	}
	if (!said[0])
		finding.reason = error == -EBADMSG ? "not a dump of dumpd, or its "
						     "beginning is damaged"
						   : strerrordesc_np(-error);
	tell(verify, entry, &finding);
}

/* As a reader_verify_tell. */
static void tell_answer(void *context, size_t i, int error,
			const struct verify_finding *found)
{
	struct verify *verify = context;
	const struct index_entry *entry = verify->entries[i];
	struct finding finding = { .verdict = WHOLE };

	if (verify->error < 0)
		return;
	if (error < 0) {
		tell_unread(verify, entry, error);
		return;
	}
	finding.reason = found->reason;
	finding.fault = found->fault;
	if (found->damaged)
		finding.verdict = DAMAGED;
	else if (found->cut)
		finding.verdict = CUT;
	tell(verify, entry, &finding);
}

static void ask(struct verify *verify)
{
	size_t n = verify->waiting;

	verify->waiting = 0;
	reader_verify(verify->reader, verify->questions, n, tell_answer, verify);
	for (size_t i = 0; i < n; i++)
		(void)close(verify->questions[i].fd); /* only read */
}

/* Its file, for the next question; or, in its turn, why it cannot be opened. */
static void add(struct verify *verify, const struct index_entry *entry)
{
	uint64_t size;
	int fd = output_file(entry, &size);

	if (fd < 0) {
		ask(verify);
		verify->reader->reason[0] = '\0';
		if (verify->error == 0)
			tell_unread(verify, entry, fd);
		return;
	}
	verify->entries[verify->waiting] = entry;
	verify->questions[verify->waiting++] = (struct reader_verify){
		.fd = fd,
		.id = entry->record.id,
		.size_file = entry->record.size_file,
	};
	if (verify->waiting == ARRAY_SIZE(verify->questions))
		ask(verify);
}

/* What a later vacuum removed, and crashes without a dump, are no damage. */
static int verify_all(struct verify *verify, const struct select *select)
{
	if (verify->json)
		putchar('[');
	for (size_t i = 0; i < select->count && verify->error == 0; i++) {
		if (select->found[i]->name ||
		    select->found[i]->state == INDEX_INACCESSIBLE)
			add(verify, select->found[i]);
	}
	ask(verify);
	if (verify->json)
		puts(verify->dumps ? "\n]" : "]");
	return verify->error;
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
	return verify->counts[DAMAGED] || verify->unread ? VERB_FAILED
							 : select_status(select);
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
