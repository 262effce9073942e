/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/io.h"
#include "base/number.h"
#include "dumpctl/answer.h"
#include "dumpctl/checks.h"
#include "dumpctl/checks_load.h"
#include "dumpctl/dropin.h"
#include "dumpctl/files.h"
#include "dumpctl/sysctl.h"
#include "store/publish.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* The handler lets fewer dumps be made at a time by itself; only crashes that wait count here. */
#define PIPE_LIMIT_LOW 64

/* Below it a dump of a few threads may not fit; a `full` one never did depend on this. */
#define SPACE_LOW (64ull << 20)

_printf_(1, 0) static char *format_text(const char *format, va_list args)
{
	char *text;

	return vasprintf(&text, format, args) < 0 ? NULL : text;
}

void check_set(struct check *check, enum check_state state, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	check->state = state;
	free(check->text);
	check->text = format_text(format, args);
	va_end(args);
}

void check_advise(struct check *check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	free(check->advice);
	check->advice = format_text(format, args);
	va_end(args);
}

static void check_pattern(const struct machine *machine, struct check *check)
{
	const char *text = machine->pattern_text;

	switch (machine->pattern.form) {
	case PATTERN_FULL:
		check_set(check, CHECK_OK, "%s", text);
		break;
	case PATTERN_SHORT:
		check_set(check, CHECK_NOTE,
			  "%s: the short form, all dumps are for root only", text);
		check_advise(check, "`dumpctl setup` sets the form with all facts");
		break;
	case PATTERN_FOREIGN:
		check_set(check, CHECK_PROBLEM, "'%s' is not dumpd's", text);
		check_advise(check, "`dumpctl setup`, as root");
		break;
	}
}

/* Any program can be given our arguments. */
static void check_answer(const char *handler, struct check *check)
{
	int r = answers_as_handler(handler);

	if (r == 0) {
		check_set(check, CHECK_OK, "%s", handler);
		return;
	}
	if (r == -ENOEXEC || r == -ETIMEDOUT)
		check_set(check, CHECK_PROBLEM,
			  "core_pattern starts another program: `%s --version' does not "
			  "answer as dumpd",
			  handler);
	else
		check_set(check, CHECK_PROBLEM, "%s cannot be asked what it is: %s",
			  handler, strerror(-r));
	check_advise(check, "`dumpctl setup`, as root");
}

static void check_handler(const struct machine *machine, struct check *check)
{
	_cleanup_free_ char *problem = NULL;
	const char *handler = machine->pattern.form == PATTERN_FOREIGN
				      ? HANDLER_PATH
				      : machine->pattern.handler;
	int r = program_trusted(handler, &problem);

	if (r == 0) {
		check_answer(handler, check);
		return;
	}
	check_set(check, CHECK_PROBLEM, "%s", problem ? problem : strerror(-r));
	check_advise(check,
		     "the kernel starts %s as root: it must be there, and only root "
		     "may be able to change it",
		     handler);
}

static void check_pipe_limit(const struct machine *machine, struct check *check)
{
	char value[SYSCTL_VALUE_MAX];
	int r = sysctl_read(SYSCTL_CORE_PIPE_LIMIT, value);
	uint64_t limit;

	(void)machine; /* one signature for all checks */
	if (r < 0) {
		check_set(check, CHECK_NOTE, "cannot be read: %s", strerror(-r));
	} else if (number_u64(value, UINT32_MAX, &limit) < 0 || limit >= PIPE_LIMIT_LOW) {
		check_set(check, CHECK_OK, "%s", value);
	} else if (limit == 0) {
		check_set(check, CHECK_NOTE,
			  "0: the kernel does not wait for the handler, what "
			  "/proc knows of a crashed process may be lost");
		check_advise(check, "`dumpctl setup` sets it");
	} else {
		check_set(check, CHECK_NOTE,
			  "%s: of more crashes at a time the kernel drops the others, "
			  "without a dump or a record",
			  value);
		check_advise(check, "`dumpctl setup` sets 512");
	}
}

static void check_suid_dumpable(const struct machine *machine, struct check *check)
{
	char value[SYSCTL_VALUE_MAX];
	int r = sysctl_read(SYSCTL_SUID_DUMPABLE, value);

	(void)machine; /* one signature for all checks */
	if (r < 0) {
		check_set(check, CHECK_NOTE, "cannot be read: %s", strerror(-r));
	} else if (strcmp(value, "2") == 0) {
		check_set(check, CHECK_OK, "2");
	} else if (strcmp(value, "0") == 0) {
		check_set(check, CHECK_NOTE,
			  "0: crashes of programs that changed their "
			  "privileges, as many daemons do, are not seen");
		check_advise(check, "`dumpctl setup` sets it");
	} else {
		check_set(check, CHECK_NOTE,
			  "%s: made for debugging the kernel, not safe", value);
		check_advise(check, "`dumpctl setup` sets it to 2");
	}
}

static void check_space(const char *directory, struct check *check)
{
	struct statvfs space;
	unsigned long long free_bytes;

	if (statvfs(directory, &space) < 0) {
		check_set(check, CHECK_NOTE, "%s: %s", directory, strerror(errno));
		return;
	}
	free_bytes = (unsigned long long)space.f_bavail * space.f_frsize;
	check_set(check, free_bytes < SPACE_LOW ? CHECK_NOTE : CHECK_OK,
		  "%s, %llu MiB free", directory, free_bytes >> 20);
	if (free_bytes < SPACE_LOW)
		check_advise(check, "make room: dumps are cut to what fits");
}

/* What is wrong with a store that is there, NULL: nothing. */
static const char *store_problem(const struct stat *st)
{
	if (!S_ISDIR(st->st_mode))
		return "is not a directory";
	if (st->st_uid != 0)
		return "does not belong to root";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return "can be written by others than root";
	return NULL;
}

/* As the handler opens it, step by step. Who is not root may be kept out of what root may use. */
static void check_way(const char *directory, struct check *check)
{
	const char *reason = NULL;
	_cleanup_fd_ int fd = store_open(directory, &reason);

	if (fd >= 0)
		check_space(directory, check);
	else
		check_set(check,
			  fd == -EACCES && geteuid() != 0 ? CHECK_NOTE : CHECK_PROBLEM,
			  "%s: %s", directory, reason);
}

static void check_store(const struct machine *machine, struct check *check)
{
	const char *directory = machine->settings.directory;
	const char *problem = NULL;
	struct stat st;

	if (lstat(directory, &st) < 0) {
		/* dumpd makes the last step of it; the one above may be closed to who asks. */
		check_set(check, CHECK_NOTE, "%s: %s", directory, strerror(errno));
		check_advise(check, "`dumpctl setup` makes it");
		return;
	}
	problem = store_problem(&st);
	if (!problem) {
		check_way(directory, check);
		return;
	}
	check_set(check, CHECK_PROBLEM, "%s %s", directory, problem);
	check_advise(
		check,
		"it must be a directory that only root can write, or dumpd stores nothing there");
}

static void check_journal(const struct machine *machine, struct check *check)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
				       .sun_path = JOURNAL_SOCKET };
	_cleanup_fd_ int fd =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)machine; /* one signature for all checks */
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		check_set(check, CHECK_OK, "journald listens");
		return;
	}
	check_set(check, CHECK_NOTE, "%s: %s", JOURNAL_SOCKET, strerror(errno));
	check_advise(check,
		     "without journald the dumps are stored and listed all the same, but "
		     "crashes without a dump leave a kernel log line only");
}

static void check_configuration(const struct machine *machine, struct check *check)
{
	size_t n = config_problem_count(machine->config);

	if (n == 0)
		check_set(check, CHECK_OK, "understood");
	else
		check_set(check, CHECK_NOTE, "%s%s", config_problem(machine->config, 0),
			  n > 1 ? " (and more)" : "");
	if (n)
		check_advise(check, "`dumpctl config` shows what holds");
}

static void check_boot(const struct machine *machine, struct check *check)
{
	_cleanup_free_ char *file = dropin_overriding();

	(void)machine; /* one signature for all checks */
	if (!dropin_present()) {
		check_set(check, CHECK_NOTE,
			  "%s is missing: the next boot starts without dumpd",
			  DROPIN_FILE);
		check_advise(check, "`dumpctl setup` writes it");
	} else if (file) {
		check_set(check, CHECK_NOTE,
			  "%s sets kernel.core_pattern too and is read later", file);
		check_advise(check, "remove kernel.core_pattern from that file");
	} else {
		check_set(check, CHECK_OK, "%s", DROPIN_FILE);
	}
}

/*
 * The soft limit of PID 1, which everything starts with that does not choose:
 * Max core file size        0                    unlimited            bytes
 */
static bool init_has_no_cores(void)
{
	static const char key[] = "Max core file size";
	_cleanup_free_ char *text = NULL;
	const char *line;
	size_t n;

	if (io_read_file(AT_FDCWD, "/proc/1/limits", 4096, &text, &n) < 0)
		return false;
	line = strstr(text, key);
	if (!line)
		return false;
	line += strlen(key);
	line += strspn(line, " ");
	return line[0] == '0' && line[1] == ' ';
}

static void check_core_limit(const struct machine *machine, struct check *check)
{
	if (!machine->settings.honour_core_limit) {
		check_set(
			check, CHECK_OK,
			"CoreLimit=ignore: what programs are limited to does not count");
	} else if (!init_has_no_cores()) {
		check_set(check, CHECK_OK,
			  "CoreLimit=honour, and programs start with cores allowed");
	} else {
		check_set(check, CHECK_NOTE,
			  "programs start with RLIMIT_CORE 0: their crashes "
			  "are recorded without a dump");
		check_advise(check,
			     "CoreLimit=ignore in %s; or DefaultLimitCORE=infinity for "
			     "systemd, LimitCORE=infinity in a unit, `ulimit -c "
			     "unlimited` in a shell",
			     CONFIG_FILE);
	}
}

static const struct {
	const char *name;
	void (*run)(const struct machine *machine, struct check *check);
} table[] = {
	{ "kernel.core_pattern", check_pattern },
	{ "handler", check_handler },
	{ "kernel.core_pipe_limit", check_pipe_limit },
	{ "fs.suid_dumpable", check_suid_dumpable },
	{ "configuration", check_configuration },
	{ "store", check_store },
	{ "journal", check_journal },
	{ "next boot", check_boot },
	{ "core limit", check_core_limit },
	{ "slots", check_slots },
	{ "left behind", check_left },
	{ "rate limit", check_rate },
	{ "dropped by the kernel", check_drops },
};

_Static_assert(ARRAY_SIZE(table) <= CHECK_MAX, "struct checks has room for all");

int machine_read(const char *config_file, struct machine *ret)
{
	struct machine machine = { .pattern_text = "" };
	int r;

	if (sysctl_read(SYSCTL_CORE_PATTERN, machine.pattern_text) < 0)
		machine.pattern_text[0] = '\0'; /* is not ours then, and status says so */
	pattern_recognise(machine.pattern_text, &machine.pattern);
	if (!config_file && machine.pattern.form != PATTERN_FOREIGN &&
	    machine.pattern.config[0])
		config_file = machine.pattern.config;
	r = config_load(config_file, &machine.config);
	if (r < 0)
		return r;
	config_resolve(machine.config, NULL, &machine.settings, NULL);
	load_state_read(&machine.settings, &machine.load);
	*ret = machine;
	return 0;
}

void machine_done(struct machine *machine)
{
	load_state_done(&machine->load);
	config_free(machine->config);
}

void checks_run(const struct machine *machine, struct checks *ret)
{
	*ret = (struct checks){ .count = ARRAY_SIZE(table) };
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		ret->list[i].name = table[i].name;
		table[i].run(machine, &ret->list[i]);
	}
}

void checks_done(struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++) {
		free(checks->list[i].text);
		free(checks->list[i].advice);
	}
}
