/* SPDX-License-Identifier: MIT */
/*
 * dumpctl refilter: a stored dump once more through the filter, so that a policy can be
 * tried on yesterday's crash.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "dumpctl/memory.h"
#include "dumpctl/reader_write.h"
#include "dumpctl/refilter_file.h"
#include "dumpctl/refilter_out.h"
#include "dumpctl/refilter_run.h"
#include "dumpctl/show.h"
#include "dumpctl/terminal.h"
#include "dumpctl/verbs.h"
#include "handler/facts.h"
#include "handler/process_sender.h"

#define OPTION_TYPE SELECT_OPTION_NEXT

#define LABEL_WIDTH 15

struct refilter {
	struct select select;
	int type; /* enum dump_type; -1: not given */
	struct facts_start start;
	struct refilter_file in;
	struct refilter_out out;
	struct config *config;
	struct settings settings;
	struct memory_map map;
	struct report report;
	struct record record;
};

/* Of a plain core: what its notes tell. The rest of the facts are this machine's, not the crash's. */
static int record_of_core(struct refilter *f)
{
	const struct args args = {
		.pid = f->report.namespace_pid,
		.signal = ARGS_UNKNOWN,
		.comm = f->report.fname,
		.dumpable = ARGS_UNKNOWN,
		.uid = ARGS_UNKNOWN,
		.gid = ARGS_UNKNOWN,
		.rlimit = ARGS_UNKNOWN,
		.time = ARGS_UNKNOWN,
		.tid = ARGS_UNKNOWN,
		.pidfd = ARGS_UNKNOWN,
	};
	struct process process;
	int r;

	process_init(&process);
	r = facts_record(&f->start, &args, &process, &f->report, &f->record);
	if (r == 0)
		process_sender_record(&process, &f->report, &f->record);
	f->record.timestamp = f->in.timestamp;
	f->record.verified = RECORD_UNKNOWN;
	free(TAKE_PTR(f->record.boot_id));
	free(TAKE_PTR(f->record.hostname));
	return r;
}

/* The same crash: its facts stay, the dump's are new. */
static int record_of_dump(struct refilter *f)
{
	int r = record_copy(&f->in.record, &f->record);

	if (r == 0)
		r = facts_result(&f->report, &f->record);
	facts_scrub(&f->record);
	if (f->report.hushed) { /* of a dump that knew nothing of it */
		free(TAKE_PTR(f->record.cmdline));
		free(TAKE_PTR(f->record.arguments));
	}
	/* what the kernel sent is a fact of the crash */
	f->record.size_core = f->in.record.size_core;
	f->record.size_received = f->in.record.size_received;
	f->record.size_memory = f->in.record.size_memory;
	f->record.held = f->in.record.held;
	return r;
}

static int make_record(struct refilter *f)
{
	int r = f->in.is_dump ? record_of_dump(f) : record_of_core(f);

	free(TAKE_PTR(f->record.config_problems));
	free(TAKE_PTR(f->record.access)); /* of the old file */
	free(TAKE_PTR(f->record.access_reason));
	if (r == 0)
		r = facts_config_problems(f->config, &f->record);
	facts_stop(&f->start, &f->record);
	return r;
}

static int print_sizes(const char *label, uint64_t extracted, uint64_t stored)
{
	_cleanup_free_ char *size = show_size((int64_t)extracted);
	_cleanup_free_ char *disk = show_size((int64_t)stored);

	if (!size || !disk)
		return -ENOMEM;
	printf("%*s: %s, %s on disk\n", LABEL_WIDTH, label, size, disk);
	return 0;
}

static int print_result(const struct refilter *f)
{
	const struct memory_style style = {
		.width = terminal_width(),
		.utf8 = terminal_utf8(),
	};
	_cleanup_free_ char *path = escape_text(f->out.path, strlen(f->out.path));
	_cleanup_free_ char *name = escape_text(f->out.name, strlen(f->out.name));
	int r;

	if (!path || !name)
		return -ENOMEM;
	printf("%*s: %s\n", LABEL_WIDTH, "ID", f->record.id);
	printf("%*s: %s/%s\n", LABEL_WIDTH, "Dump", path, name);
	printf("%*s: %s, %s\n", LABEL_WIDTH, "Type", f->record.type, f->record.outcome);
	r = print_sizes("Before", f->in.size, f->in.stored);
	if (r == 0)
		r = print_sizes("After", f->report.size_dump, f->out.stored);
	printf("%*s: %.3f s\n", LABEL_WIDTH, "Planning",
	       (double)f->report.planning / 1e6);
	if (r == 0)
		r = show_rows(LABEL_WIDTH, "Reason", f->report.reason);
	if (r == 0 && f->map.count > 0)
		r = memory_summary(&f->map, false, &style, stdout);
	return r;
}

/* The last line of the reason is why, if the work itself failed. */
static int failed(const struct refilter *f, int error)
{
	const char *said = f->select.reader.reason[0] ? f->select.reader.reason
						      : f->report.reason;
	const char *line = strrchr(said, '\n');
	_cleanup_free_ char *text = NULL;

	line = line ? line + 1 : said;
	text = escape_text(line, strlen(line));
	fprintf(stderr, "dumpctl refilter: no dump was written: %s\n",
		text && text[0] ? text : strerror(-error));
	return VERB_FAILED;
}

static int filter(struct refilter *f)
{
	const struct reader_refilter what = {
		.fd = f->in.fd,
		.out = f->out.file,
		.is_dump = f->in.is_dump,
		.type = f->type,
		.size = f->in.size,
	};
	int r = reader_refilter(&f->select.reader, &what, &f->map, &f->report);

	refilter_resolve(f->config, refilter_file_record(&f->in), f->type, &f->report,
			 &f->settings);
	if (r == 0)
		r = make_record(f);
	if (r < 0)
		return failed(f, r);
	if (refilter_out_publish(&f->out, f->settings.name_template, &f->report,
				 &f->record) < 0)
		return VERB_FAILED;
	if (print_result(f) < 0)
		fputs("dumpctl refilter: no memory to tell more\n", stderr);
	return VERB_DONE;
}

static int open_both(struct refilter *f, char *in, const char *out)
{
	int status = VERB_FAILED;

	if (refilter_file_open(&f->select, in, &f->in) < 0)
		return status;
	if (!refilter_whole(refilter_file_record(&f->in)))
		fputs("dumpctl refilter: this is not a complete dump of type full; what it "
		      "lacks stays missing\n",
		      stderr);
	if (refilter_out_open(out, &f->out) == 0) {
		status = filter(f);
		refilter_out_close(&f->out);
	}
	refilter_file_close(&f->in);
	return status;
}

static int run(struct refilter *f, char *in, const char *out)
{
	int status = VERB_FAILED;

	facts_start(&f->start);
	if (config_load(f->select.config, &f->config) < 0) {
		fputs("dumpctl refilter: no memory\n", stderr);
	} else {
		f->select.reader.config = f->config;
		status = open_both(f, in, out);
	}
	memory_map_done(&f->map);
	record_done(&f->record);
	reader_done(&f->select.reader); /* it has the configuration, too */
	config_free(f->config);
	return status;
}

static int help(void)
{
	printf("Usage: dumpctl refilter [<options>] IN OUT\n\n"
	       "Filters a stored dump, or a core file, as a crash would be. IN is a file "
	       "or a\n"
	       "match for a crash; OUT a file that is not there yet and ends in .zst, or "
	       "a\ndirectory.\n\n"
	       "      --type=TYPE      stacks, mini, heap, ...; else as "
	       "configured\n" SELECT_HELP);
	return 0;
}

static int take_type(const char *value, struct refilter *f)
{
	enum dump_type type;

	if (dump_type_parse(value, &type) < 0) {
		fprintf(stderr, "dumpctl refilter: `%s' is no type of dumpd.conf(5)\n",
			value);
		return -EINVAL;
	}
	f->type = (int)type;
	return 0;
}

int verb_refilter(int argc, char **argv)
{
	static const struct option options[] = {
		SELECT_LONG,
		{ "type", required_argument, NULL, OPTION_TYPE },
		{ NULL, 0, NULL, 0 },
	};
	_cleanup_free_ struct refilter *f = calloc(1, sizeof(*f));
	int c, status = -1;

	if (!f) {
		fputs("dumpctl refilter: there is no memory\n", stderr);
		return VERB_FAILED;
	}
	f->type = -1;
	record_init(&f->record);
	select_init(&f->select, argv[0]);
	while (status < 0 &&
	       (c = getopt_long(argc, argv, SELECT_SHORT, options, NULL)) != -1) {
		if (c == 'h')
			status = help();
		else if ((c == OPTION_TYPE ? take_type(optarg, f)
					   : select_option(&f->select, c, optarg)) < 0)
			status = VERB_USAGE;
	}
	if (status < 0 && argc - optind != 2) {
		fputs("dumpctl refilter: give IN and OUT; see `dumpctl refilter "
		      "--help'\n",
		      stderr);
		status = VERB_USAGE;
	}
	if (status < 0)
		status = run(f, argv[optind], argv[optind + 1]);
	select_done(&f->select);
	return status;
}
