/* SPDX-License-Identifier: MIT */
/*
 * dumpctl vacuum: removes what MaxUse, KeepFree, MaxCount and MaxAge say that must go.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "config/keys.h"
#include "dumpctl/json.h"
#include "dumpctl/place.h"
#include "dumpctl/show.h"
#include "dumpctl/verbs.h"
#include "handler/disk.h"
#include "handler/runtime.h"
#include "store/vacuum.h"

/* The handler is at it for seconds at most. */
#define PATIENCE_MS 60000

enum {
	OPTION_CONFIG = 0x100,
	OPTION_JSON,
	OPTION_DRY_RUN,
	OPTION_LIMITS, /* from here on: limit_options */
};

/* Instead of what is configured. */
static const char *const limit_keys[] = { "MaxUse", "KeepFree", "MaxCount", "MaxAge" };

struct vacuum {
	struct place place;
	const char *limits[ARRAY_SIZE(limit_keys)]; /* NULL: as configured */
	bool json, dry_run;
	bool failed; /* no memory for what is printed */
	size_t printed;
};

static json_t *gone_json(const struct vacuum *vacuum, const char *name,
			 const struct quota_dump *dump, int error)
{
	_cleanup_free_ char *exe = dump->exe ? show_text(dump->exe) : NULL;
	_cleanup_free_ char *file = show_text(name);
	json_t *object = json_object();
	int r = object && file && (exe || !dump->exe) ? 0 : -ENOMEM;

	(void)vacuum;
	if (r == 0)
		r = json_put(object, "file", json_string(file));
	if (r == 0)
		r = json_put(object, "size", json_integer((json_int_t)dump->bytes));
	if (r == 0 && dump->uid != QUOTA_NOBODY)
		r = json_put(object, "uid", json_integer(dump->uid));
	if (r == 0 && exe)
		r = json_put(object, "exe", json_string(exe));
	if (r == 0)
		r = json_put(object, "by", json_string(quota_reason_key(dump->reason)));
	if (r == 0 && error)
		r = json_put(object, "error", json_string(strerror(error)));
	if (r == 0)
		return object;
	json_decref(object);
	return NULL;
}

static int print_gone(const struct vacuum *vacuum, const char *name,
		      const struct quota_dump *dump, int error)
{
	_cleanup_free_ char *file = show_text(name);
	_cleanup_free_ char *size = show_size((int64_t)dump->bytes);

	if (!file || !size)
		return -ENOMEM;
	if (error)
		fprintf(stderr, "dumpctl vacuum: cannot remove %s: %s\n", file,
			strerror(error));
	else
		printf("%s %s (%s, UID %" PRId64 "): %s\n",
		       vacuum->dry_run ? "would remove" : "removed", file, size,
		       dump->uid == QUOTA_NOBODY ? -1 : (int64_t)dump->uid,
		       quota_reason_key(dump->reason));
	return 0;
}

static void gone(void *context, const char *name, const struct quota_dump *dump,
		 int error)
{
	struct vacuum *vacuum = context;
	int r;

	if (vacuum->json)
		r = json_print_row(gone_json(vacuum, name, dump, error),
				   vacuum->printed++ == 0, stdout);
	else
		r = print_gone(vacuum, name, dump, error);
	vacuum->failed |= r < 0;
}

static int print_sum(const struct vacuum_result *result, bool dry_run)
{
	_cleanup_free_ char *bytes = show_size((int64_t)result->bytes);
	_cleanup_free_ char *left = show_size((int64_t)result->left_bytes);

	if (!bytes || !left)
		return -ENOMEM;
	printf("vacuum: %zu dumps %s, %s %s; %zu dumps of %s stay\n", result->count,
	       dry_run ? "would be removed" : "removed", bytes,
	       dry_run ? "would be freed" : "freed", result->left, left);
	return 0;
}

/* The limits that were given take the place of the configured ones. */
static int take_limits(struct vacuum *vacuum)
{
	for (size_t i = 0; i < ARRAY_SIZE(limit_keys); i++) {
		const char *reason;

		if (!vacuum->limits[i])
			continue;
		reason = keys[key_find(limit_keys[i])].parse(vacuum->limits[i],
							     &vacuum->place.settings);
		if (reason) {
			fprintf(stderr, "dumpctl vacuum: %s `%s': %s\n", limit_keys[i],
				vacuum->limits[i], reason);
			return -1;
		}
	}
	return 0;
}

static int help(void)
{
	printf("Usage: dumpctl vacuum [<options>]\n\n"
	       "Removes dumps until the store is within its limits: what is older than MaxAge,\n"
	       "more than MaxCount of one executable of one user in one container or service,\n"
	       "and of the user or container whose dumps take most the oldest, until MaxUse\n"
	       "and KeepFree hold.\n\n"
	       "      --max-use=SHARE  Instead of what dumpd.conf has: 10%%, 4G or both\n"
	       "      --keep-free=SHARE\n"
	       "      --max-count=N\n"
	       "      --max-age=TIME   90s, 12h, 30d\n"
	       "      --dry-run        Say what would be removed\n"
	       "      --json           As a JSON array\n"
	       "  -D, --directory=DIR  Dumps in DIR\n"
	       "      --config=FILE    Configuration that names store and limits\n"
	       "  -h, --help           This text\n");
	return 0;
}

static int fail(int error)
{
	fprintf(stderr, "dumpctl vacuum: %s\n",
		error == -EBUSY ? "somebody else is removing dumps; try again later"
				: strerror(-error));
	return VERB_FAILED;
}

/* -1: without a runtime directory nobody else is at it, or only by chance. */
static int lock_file(const struct settings *settings)
{
	_cleanup_fd_ int runtime_fd = runtime_open(settings->runtime_directory, true);

	return disk_lock_file(runtime_fd);
}

static int run(struct vacuum *vacuum)
{
	_cleanup_fd_ int lock_fd = -1;
	const struct vacuum_job job = {
		.settings = &vacuum->place.settings,
		.now = clock_usec(CLOCK_REALTIME),
		.dry_run = vacuum->dry_run,
		.exact = true,
		.gone = gone,
		.context = vacuum,
	};
	struct vacuum_result result = { 0 };
	int r = 0;

	if (place_open(&vacuum->place) < 0)
		return VERB_FAILED;
	lock_fd = lock_file(&vacuum->place.settings);
	if (vacuum->json)
		putchar('[');
	if (vacuum->place.fd >= 0)
		r = vacuum_run(vacuum->place.fd, lock_fd, &job, PATIENCE_MS, &result);
	if (vacuum->json)
		puts(vacuum->printed ? "\n]" : "]");
	if (r == 0 && vacuum->failed)
		r = -ENOMEM;
	if (r == 0 && !vacuum->json)
		r = print_sum(&result, vacuum->dry_run);
	if (r < 0)
		return fail(r);
	if (place_left_out(&vacuum->place, result.unreadable) != VERB_DONE)
		return VERB_FAILED;
	return result.failed ? VERB_FAILED : VERB_DONE;
}

/* Return: whether it is one. */
static bool take_option(struct vacuum *vacuum, int c)
{
	if (c >= OPTION_LIMITS)
		vacuum->limits[c - OPTION_LIMITS] = optarg;
	else if (c == OPTION_CONFIG)
		vacuum->place.config = optarg;
	else if (c == OPTION_JSON)
		vacuum->json = true;
	else if (c == OPTION_DRY_RUN)
		vacuum->dry_run = true;
	else if (c == 'D')
		vacuum->place.directory = optarg;
	else
		return false;
	return true;
}

int verb_vacuum(int argc, char **argv)
{
	static const struct option options[] = {
		{ "max-use", required_argument, NULL, OPTION_LIMITS },
		{ "keep-free", required_argument, NULL, OPTION_LIMITS + 1 },
		{ "max-count", required_argument, NULL, OPTION_LIMITS + 2 },
		{ "max-age", required_argument, NULL, OPTION_LIMITS + 3 },
		{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "directory", required_argument, NULL, 'D' },
		{ "config", required_argument, NULL, OPTION_CONFIG },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct vacuum vacuum = { .json = false };
	int c, status;

	place_init(&vacuum.place, argv[0]);
	while ((c = getopt_long(argc, argv, "D:h", options, NULL)) != -1) {
		if (c == 'h')
			return help();
		if (!take_option(&vacuum, c)) {
			fputs("dumpctl vacuum: see `dumpctl vacuum --help'\n", stderr);
			return VERB_USAGE;
		}
	}
	if (argv[optind]) {
		fputs("dumpctl vacuum: limits choose what goes; `dumpctl rm' removes what "
		      "matches\n",
		      stderr);
		return VERB_USAGE;
	}
	if (place_configure(&vacuum.place) < 0)
		return VERB_FAILED;
	if (take_limits(&vacuum) < 0)
		return VERB_USAGE;
	status = run(&vacuum);
	place_done(&vacuum.place);
	return status;
}
