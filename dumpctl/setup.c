/* SPDX-License-Identifier: MIT */
/*
 * dumpctl setup: tell the kernel to start dumpd, now and at every boot; --undo: put back
 * what was there before. All that can refuse is asked before anything is changed, and what
 * was changed is put back when a later step fails. With --offline, for a system that is not
 * running, files are all that is looked at and changed.
 */
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "config/config.h"
#include "dumpctl/answer.h"
#include "dumpctl/dropin.h"
#include "dumpctl/files.h"
#include "dumpctl/pattern.h"
#include "dumpctl/repair.h"
#include "dumpctl/saved.h"
#include "dumpctl/setup_state.h"
#include "dumpctl/setup_undo.h"
#include "dumpctl/sysctl.h"
#include "dumpctl/verbs.h"
#include "store/publish.h"

/*
 * Above core_pipe_limit the kernel drops dumps without starting the handler, so it is far
 * above what the handler lets run at a time. With 0 it would not wait for the handler, and
 * /proc/PID would be gone when it looks.
 */
#define PIPE_LIMIT "512"
/* Programs with privileges: piped to the handler, never into a file of the user's. */
#define SUID_DUMPABLE "2"

#define KERNEL_MAJOR 5
#define KERNEL_MINOR 3

/* Before 5.3 a space in a program's name became another argument of the handler. */
static int check_kernel(void)
{
	unsigned int major, minor;
	struct utsname name;

	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return setup_fail("cannot tell the kernel's version");
	if (major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR))
		return 0;
	return setup_fail(
		"Linux %s is too old: from %d.%d on, the name of a program cannot pass "
		"as options to the handler",
		name.release, KERNEL_MAJOR, KERNEL_MINOR);
}

static int check_handler(const char *path, struct sysctl_values *ret)
{
	_cleanup_free_ char *problem = NULL;
	char pattern[PATTERN_MAX + 1];
	int r = pattern_build(path, pattern);

	if (r == -EINVAL)
		return setup_fail(
			"handler '%s': an absolute path without spaces and '%%' is needed",
			path);
	if (r < 0)
		return setup_fail(
			"handler '%s': the path is too long, core_pattern has room for "
			"%d bytes in all",
			path, PATTERN_MAX);
	r = program_trusted(path, &problem);
	if (r < 0)
		return setup_fail(
			"handler %s: %s\nThe kernel starts it as root: it must be a "
			"program, and only root may be able to change it.",
			path, problem ? problem : strerror(-r));
	r = answers_as_handler(path);
	if (r < 0)
		return setup_fail(
			"handler %s: %s", path,
			r == -ENOEXEC || r == -ETIMEDOUT
				? "another program, `--version' does not answer as dumpd"
				: strerror(-r));
	*ret = (struct sysctl_values){ .value = {
					       [SYSCTL_CORE_PIPE_LIMIT] = PIPE_LIMIT,
					       [SYSCTL_SUID_DUMPABLE] = SUID_DUMPABLE,
				       } };
	memcpy(ret->value[SYSCTL_CORE_PATTERN], pattern, sizeof(pattern));
	return 0;
}

/* Return: what directory_make returns, or -1 after saying why. */
static int make_directory(const char *path, mode_t mode)
{
	int r = directory_make(path, mode);

	return r < 0 ? setup_fail("cannot make %s: %s", path, strerror(-r)) : r;
}

/* A wrong mode is no reason not to go on: the files have 0600 of their own. */
static void repair_store(const char *directory)
{
	mode_t before;
	int r = store_repair(directory, &before);

	if (r > 0)
		printf("the mode of %s is 0%o now, it was 0%o\n", directory, STORE_MODE,
		       before);
	else if (r == -EPERM)
		printf("warning: the mode of %s is 0%o and stays, for it is not root's or "
		       "not for dumps alone; a store should have 0%o\n",
		       directory, before, STORE_MODE);
	else if (r < 0)
		printf("warning: the mode of %s cannot be looked at: %s\n", directory,
		       strerror(-r));
}

/* The handler would refuse it, and keep records alone. */
static void check_store(const char *directory)
{
	const char *reason = NULL;
	_cleanup_fd_ int fd = store_open(directory, &reason);

	if (fd < 0)
		printf("warning: no dump will be stored in %s: %s\n", directory, reason);
}

static int make_directories(void)
{
	_cleanup_config_ struct config *config = NULL;
	struct settings settings;
	int r;

	if (config_load(NULL, &config) < 0)
		return setup_fail("out of memory");
	config_resolve(config, NULL, &settings, NULL);
	if (make_directory(SYSCONFDIR "/sysctl.d", 0755) < 0 ||
	    make_directory(SYSCONFDIR "/dumpd", 0755) < 0)
		return -1;
	r = make_directory(settings.directory, STORE_MODE);
	if (r > 0)
		printf("made %s\n", settings.directory);
	if (r == 0)
		repair_store(settings.directory);
	if (r >= 0)
		check_store(settings.directory);
	return r < 0 ? r : 0;
}

/*
 * Set the values and the file for the next boot; when one cannot be, put `now` back. now: NULL:
 * the file alone.
 */
static int apply(const struct sysctl_values *wanted, const struct sysctl_values *now)
{
	bool had_dropin = dropin_present();
	enum sysctl which;
	int r = now ? sysctl_write_all(wanted, &which) : 0;

	if (r < 0) {
		setup_fail("%s: the kernel did not take '%s': %s", sysctl_name(which),
			   wanted->value[which],
			   r == -EIO ? "it reads back differently" : strerror(-r));
	} else {
		r = dropin_write(wanted);
		if (r == 0)
			return 0;
		setup_fail("cannot write %s: %s", DROPIN_FILE, strerror(-r));
		/* Written, but perhaps not for ever: the name alone may be there. */
		if (!had_dropin && dropin_remove() < 0)
			setup_fail("cannot remove %s", DROPIN_FILE);
	}
	if (now && sysctl_write_all(now, &which) < 0)
		return setup_fail("%s could not be put back to '%s'", sysctl_name(which),
				  now->value[which]);
	return setup_fail("the settings are as they were before");
}

/* *ret_made: there is a mask that was not there before, also on failure. */
static int mask(struct saved *saved, bool *ret_made)
{
	int r = dropin_mask();

	*ret_made = r == MASK_MADE;
	if (r == MASK_FOREIGN)
		printf("left alone: %s is the administrator's own file\n", DROPIN_MASK);
	if (r == MASK_MADE) {
		saved->masked = true;
		r = saved_write(saved);
	}
	return r < 0 ? setup_fail("cannot mask systemd-coredump's drop-in: %s",
				  strerror(-r))
		     : 0;
}

/*
 * All changes but the memory of what was before. The kernel's values come last: what can
 * fail before them leaves crashes to whoever had them. now: NULL: they are left alone.
 */
static int change(struct saved *saved, const struct sysctl_values *now)
{
	bool masked;

	if (mask(saved, &masked) == 0 && apply(&saved->set, now) == 0) {
		if (masked)
			printf("masked systemd-coredump's drop-in: %s\n", DROPIN_MASK);
		return 0;
	}
	if (masked && dropin_unmask() < 0)
		setup_fail("cannot remove %s", DROPIN_MASK);
	return -1;
}

/* Programs that set core_pattern by themselves when they start, after sysctl.d was read. */
static const struct {
	const char *file;
	const char *advice;
} rivals[] = {
	{ "/usr/share/apport/apport", "apport: systemctl disable --now apport" },
	{ "/usr/sbin/abrtd", "abrt: systemctl disable --now abrtd abrt-ccpp" },
	{ "/usr/sbin/minicoredumper_regd", "minicoredumper: remove the package" },
};

static void warn(void)
{
	_cleanup_free_ char *file = dropin_overriding();

	if (file)
		printf("warning: %s sets kernel.core_pattern too and is read later: at the "
		       "next boot, that one holds\n",
		       file);
	for (size_t i = 0; i < ARRAY_SIZE(rivals); i++)
		if (access(rivals[i].file, F_OK) == 0)
			printf("warning: this takes core_pattern over when it starts: %s\n",
			       rivals[i].advice);
	if (!getpwnam("dumpd"))
		puts("note: there is no user dumpd, the worker runs as nobody; to make it:\n"
		     "  systemd-sysusers dumpd.conf && systemd-tmpfiles --create dumpd.conf");
	else if (!getpwnam("dumpd-debug"))
		puts("note: there is no user dumpd-debug, as which `dumpctl debug' of root runs debuggers; "
		     "to make it:\n"
		     "  systemd-sysusers dumpd.conf");
}

static void tell(const struct sysctl_values *wanted, bool offline)
{
	const char *pattern = wanted->value[SYSCTL_CORE_PATTERN];

	if (offline) {
		printf("kernel.core_pattern at the next boot: %s\nwritten: %s\n", pattern,
		       DROPIN_FILE);
		return;
	}
	printf("kernel.core_pattern is now: %s\nwritten for the next boot: %s\n", pattern,
	       DROPIN_FILE);
	warn();
	puts("`dumpctl status --test` tries it with a real crash.");
}

/* A kernel that is another system's says nothing about this one. */
static int check_running(bool offline)
{
	return offline || (check_kernel() == 0 && setup_check_writable() == 0) ? 0 : -1;
}

static int setup(const char *handler, bool offline)
{
	struct sysctl_values wanted, now;
	struct saved earlier, saved;
	bool again;
	int r;

	if (setup_check_root() < 0 || check_handler(handler, &wanted) < 0 ||
	    check_running(offline) < 0 ||
	    setup_read_state(offline, &now, &earlier, &again) < 0 ||
	    make_directories() < 0)
		return 1;
	saved_update(again ? &earlier : NULL, &now, &wanted, &saved);
	/* Before the change: whatever happens to this process, --undo knows the way back. */
	r = saved_write(&saved);
	if (r < 0) {
		setup_fail("cannot write %s: %s\nNothing was changed.", SAVED_FILE,
			   strerror(-r));
		return 1;
	}
	if (change(&saved, offline ? NULL : &now) < 0) {
		if ((again ? saved_write(&earlier) : saved_remove()) < 0)
			setup_fail("%s is not what it was", SAVED_FILE);
		return 1;
	}
	tell(&wanted, offline);
	return 0;
}

static const char help[] =
	"Usage: dumpctl setup [--handler=PATH | --undo] [--offline]\n"
	"Makes the kernel start dumpd when a program crashes, now and at every boot.\n"
	"\n"
	"  --handler=PATH  the handler to start (" HANDLER_PATH ")\n"
	"  --undo          puts back what was set before\n"
	"  --offline       changes files only, not the kernel: for an image, in a chroot\n"
	"  --help          prints this\n"
	"\n"
	"Exit: 0 done, 2 wrong usage, 1 not done: the settings are as they were before,\n"
	"except for what standard error says could not be put back.\n";

int verb_setup(int argc, char **argv)
{
	static const struct option options[] = {
		{ "handler", required_argument, NULL, 'p' },
		{ "undo", no_argument, NULL, 'u' },
		{ "offline", no_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *handler = NULL;
	bool undoing = false, offline = false;
	int option;

	optind = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (option == 'p')
			handler = optarg;
		else if (option == 'u')
			undoing = true;
		else if (option == 'o')
			offline = true;
		else
			return VERB_USAGE;
	}
	if (optind < argc || (undoing && handler)) {
		fputs(help, stderr);
		return VERB_USAGE;
	}
	return undoing ? setup_undo(offline)
		       : setup(handler ? handler : HANDLER_PATH, offline);
}
