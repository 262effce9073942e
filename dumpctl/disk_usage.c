/* SPDX-License-Identifier: MIT */
/*
 * dumpctl disk-usage: whose dumps take how much of the disk, and what they may take.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dumpctl/json.h"
#include "dumpctl/place.h"
#include "dumpctl/show.h"
#include "dumpctl/verbs.h"
#include "store/vacuum_tell.h"

enum {
	OPTION_CONFIG = 0x100,
	OPTION_JSON,
};

/* All dumps of one user, or of one executable. */
struct group {
	int64_t uid; /* -1: unknown, or of an executable */
	const char *exe; /* NULL: unknown, or of a user */
	size_t count;
	uint64_t bytes;
};

struct usage {
	struct place place;
	struct vacuum_scan scan;
	struct quota_limits limits;
	struct group *users, *executables; /* largest first; room for scan.count each */
	size_t user_count, executable_count;
	uint64_t bytes;
};

/* Of a store that is not there. */
#define UNKNOWN                                                                    \
	{                                                                          \
		.max_use = UINT64_MAX, .keep_free = UINT64_MAX, .free = UINT64_MAX \
	}

static int by_bytes(const void *left, const void *right)
{
	const struct group *a = left, *b = right;

	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	if (a->uid != b->uid)
		return a->uid < b->uid ? -1 : 1;
	return strcmp(a->exe ? a->exe : "", b->exe ? b->exe : "");
}

static int by_uid(const void *left, const void *right)
{
	const struct quota_dump *a = left, *b = right;

	return (a->uid > b->uid) - (a->uid < b->uid);
}

static int by_exe(const void *left, const void *right)
{
	const struct quota_dump *a = left, *b = right;

	return strcmp(a->exe ? a->exe : "", b->exe ? b->exe : "");
}

/* Sorts the dumps; those that are alike are a group. Return: how many groups. */
static size_t group_by(struct usage *usage,
		       int (*compare)(const void *left, const void *right), bool of_users,
		       struct group *groups)
{
	struct quota_dump *dumps = usage->scan.dumps;
	size_t n = 0;

	if (usage->scan.count == 0) /* qsort() takes no NULL, even of nothing */
		return 0;
	/* files[] does not follow, and is not looked at any more */
	qsort(dumps, usage->scan.count, sizeof(*dumps), compare);
	for (size_t i = 0; i < usage->scan.count; i++) {
		if (i == 0 || compare(&dumps[i - 1], &dumps[i]) != 0)
			groups[n++] = (struct group){
				.uid = of_users && dumps[i].uid != QUOTA_NOBODY
					       ? (int64_t)dumps[i].uid
					       : -1,
				.exe = of_users ? NULL : dumps[i].exe,
			};
		groups[n - 1].count++;
		groups[n - 1].bytes += dumps[i].bytes;
	}
	qsort(groups, n, sizeof(*groups), by_bytes);
	return n;
}

static int load(struct usage *usage)
{
	int r = 0;

	if (usage->place.fd >= 0) {
		r = vacuum_limits(usage->place.fd, &usage->place.settings, 0,
				  &usage->limits);
		if (r == 0)
			r = vacuum_scan(usage->place.fd, &usage->scan);
		if (r == 0)
			r = vacuum_tell(usage->place.fd, &usage->scan);
	}
	if (r < 0)
		return r;
	/* one more: calloc(0) may be NULL */
	usage->users = calloc(usage->scan.count + 1, sizeof(*usage->users));
	usage->executables = calloc(usage->scan.count + 1, sizeof(*usage->executables));
	if (!usage->users || !usage->executables)
		return -ENOMEM;
	for (size_t i = 0; i < usage->scan.count; i++)
		usage->bytes += usage->scan.dumps[i].bytes;
	usage->user_count = group_by(usage, by_uid, true, usage->users);
	usage->executable_count = group_by(usage, by_exe, false, usage->executables);
	return 0;
}

static int print_group(const struct group *group, bool of_users)
{
	_cleanup_free_ char *name = of_users ? show_number(group->uid)
					     : show_text(group->exe);
	_cleanup_free_ char *size = show_size((int64_t)group->bytes);

	if (!name || !size)
		return -ENOMEM;
	printf("%8s  %6zu  %s\n", size, group->count, name);
	return 0;
}

static int print_groups(const char *title, const struct group *groups, size_t n,
			bool of_users)
{
	int r = 0;

	printf("%8s  %6s  %s\n", "SIZE", "DUMPS", title);
	for (size_t i = 0; i < n && r == 0; i++)
		r = print_group(&groups[i], of_users);
	putchar('\n');
	return r;
}

static int print_bytes(const char *label, uint64_t bytes)
{
	_cleanup_free_ char *text = bytes == UINT64_MAX ? strdup("infinity")
							: show_size((int64_t)bytes);

	if (!text)
		return -ENOMEM;
	show_row(10, label, text);
	return 0;
}

static int print_text(const struct usage *usage)
{
	int r = print_groups("UID", usage->users, usage->user_count, true);

	if (r == 0)
		r = print_groups("EXECUTABLE", usage->executables,
				 usage->executable_count, false);
	show_row(10, "Store", usage->place.settings.directory);
	printf("%10s: %zu\n", "Dumps", usage->scan.count);
	if (r == 0)
		r = print_bytes("Size", usage->bytes);
	if (r == 0 && usage->place.fd >= 0)
		r = print_bytes("MaxUse", usage->limits.max_use);
	if (r == 0 && usage->place.fd >= 0)
		r = print_bytes("Free", usage->limits.free);
	if (r == 0 && usage->place.fd >= 0)
		r = print_bytes("KeepFree", usage->limits.keep_free);
	return r;
}

static json_t *group_json(const struct group *group)
{
	_cleanup_free_ char *exe = group->exe ? show_text(group->exe) : NULL;
	json_t *object = json_object();
	int r = object && (exe || !group->exe) ? 0 : -ENOMEM;

	if (r == 0 && group->uid >= 0)
		r = json_put(object, "uid", json_integer(group->uid));
	if (r == 0 && exe)
		r = json_put(object, "exe", json_string(exe));
	if (r == 0)
		r = json_put(object, "dumps", json_integer((json_int_t)group->count));
	if (r == 0)
		r = json_put(object, "size", json_integer((json_int_t)group->bytes));
	if (r == 0)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *groups_json(const struct group *groups, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < n; i++) {
		if (json_array_append_new(array, group_json(&groups[i])) == 0)
			continue;
		json_decref(array);
		return NULL;
	}
	return array;
}

/* null: no limit, or unknown. */
static json_t *bytes_json(uint64_t bytes)
{
	return bytes > INT64_MAX ? json_null() : json_integer((json_int_t)bytes);
}

static int print_json(const struct usage *usage)
{
	_cleanup_free_ char *directory = show_text(usage->place.settings.directory);
	const struct {
		const char *key;
		json_t *value;
	} members[] = {
		{ "directory", directory ? json_string(directory) : NULL },
		{ "dumps", json_integer((json_int_t)usage->scan.count) },
		{ "size", bytes_json(usage->bytes) },
		{ "max_use", bytes_json(usage->limits.max_use) },
		{ "free", bytes_json(usage->limits.free) },
		{ "keep_free", bytes_json(usage->limits.keep_free) },
		{ "users", groups_json(usage->users, usage->user_count) },
		{ "executables",
		  groups_json(usage->executables, usage->executable_count) },
	};
	json_t *object = json_object();
	int r = object ? 0 : -ENOMEM;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (r == 0)
			r = json_put(object, members[i].key, members[i].value);
		else
			json_decref(members[i].value);
	}
	if (r == 0 && json_dumpf(object, stdout, JSON_INDENT(2)) < 0)
		r = -ENOMEM; /* whether it could be written is asked at the end */
	if (r == 0)
		putchar('\n');
	json_decref(object);
	return r;
}

static int help(void)
{
	printf("Usage: dumpctl disk-usage [<options>]\n\n"
	       "Tells how much of the disk dumps take: of each user, of each executable, and in\n"
	       "all, and what they may take.\n\n"
	       "      --json           As a JSON object\n"
	       "  -D, --directory=DIR  Dumps in DIR\n"
	       "      --config=FILE    Configuration that names store and limits\n"
	       "  -h, --help           This text\n");
	return 0;
}

static int run(struct usage *usage, bool json)
{
	int r;

	if (place_configure(&usage->place) < 0 || place_open(&usage->place) < 0)
		return VERB_FAILED;
	r = load(usage);
	if (r == 0)
		r = json ? print_json(usage) : print_text(usage);
	if (r == 0)
		return place_left_out(&usage->place, usage->scan.unreadable);
	fprintf(stderr, "dumpctl disk-usage: %s\n", strerror(-r));
	return VERB_FAILED;
}

int verb_disk_usage(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "directory", required_argument, NULL, 'D' },
		{ "config", required_argument, NULL, OPTION_CONFIG },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct usage usage = { .limits = UNKNOWN };
	bool json = false;
	int c, status;

	place_init(&usage.place, argv[0]);
	while ((c = getopt_long(argc, argv, "D:h", options, NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c == OPTION_JSON)
			json = true;
		else if (c == 'D')
			usage.place.directory = optarg;
		else if (c == OPTION_CONFIG)
			usage.place.config = optarg;
		else
			return VERB_USAGE;
	}
	if (argv[optind]) {
		fputs("dumpctl disk-usage: takes no match\n", stderr);
		return VERB_USAGE;
	}
	status = run(&usage, json);
	free(usage.users);
	free(usage.executables);
	vacuum_scan_done(&usage.scan);
	place_done(&usage.place);
	return status;
}
