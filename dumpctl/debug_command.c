/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "dumpctl/debug_command.h"

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* As execvp(3) would find it, but known before gigabytes are extracted. */
static char *find_program(const char *name)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/'))
		return is_program(name) ? strdup(name) : NULL;
	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	for (;;) {
		int n = (int)strcspn(path, ":");
		char *candidate;

		if (asprintf(&candidate, "%.*s/%s", n ? n : 1, n ? path : ".", name) < 0)
			return NULL;
		if (is_program(candidate))
			return candidate;
		free(candidate);
		if (path[n] == '\0')
			return NULL;
		path += n + 1;
	}
}

/* lldb-14, gdb-multiarch, x86_64-linux-gnu-gdb. */
static enum debug_dialect dialect_of(const char *program)
{
	const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;

	if (strstr(name, "lldb"))
		return DEBUG_LLDB;
	return strstr(name, "gdb") ? DEBUG_GDB : DEBUG_OTHER_DIALECT;
}

int debug_command_find(const char *name, struct debug_command *ret)
{
	static const char *const known[] = { "gdb", "lldb" };

	if (name)
		ret->program = find_program(name);
	for (size_t i = 0; !name && i < ARRAY_SIZE(known) && !ret->program; i++)
		ret->program = find_program(known[i]);
	if (ret->program) {
		ret->dialect = dialect_of(ret->program);
		return 0;
	}
	if (name)
		fprintf(stderr, "dumpctl debug: there is no program `%s'\n", name);
	else
		fputs("dumpctl debug: there is no gdb and no lldb; install one, or name a "
		      "debugger with --debugger=\n",
		      stderr);
	return -ENOENT;
}

void debug_command_done(struct debug_command *command)
{
	free(command->program);
	words_done(&command->arguments);
}

/*
 * gdb looks below its sysroot and nowhere else; lldb there first. Both are told before they open
 * anything, and before the user's own arguments.
 */
static char *sysroot_command(const struct debug_command *command)
{
	bool gdb = command->dialect == DEBUG_GDB;
	char *text;

	if (asprintf(&text,
		     gdb ? "set sysroot %s"
			 : "platform select remote-linux --sysroot \"%s\"",
		     command->sysroot) < 0)
		return NULL;
	return text;
}

/* Before they open a file: gdb -iex, lldb -O. */
static size_t add_early(const struct debug_command *command, char **argv, size_t n,
			char *text)
{
	static char gdb[] = "-iex", lldb[] = "-O";

	argv[n++] = command->dialect == DEBUG_GDB ? gdb : lldb;
	argv[n++] = text;
	return n;
}

char **debug_command_arguments(const struct debug_command *command)
{
	static char core[] = "-c", ask[] = "set debuginfod enabled on";
	static char then[] = "-ex", libraries[] = "sharedlibrary";
	/* program, three commands, arguments, exe, -c, core, NULL */
	char **argv = calloc(command->arguments.count + 11, sizeof(*argv));
	size_t n = 0;

	if (!argv)
		return NULL;
	argv[n++] = command->program;
	if (command->sysroot && command->dialect != DEBUG_OTHER_DIALECT) {
		char *text = sysroot_command(command);

		if (!text)
			goto fail;
		n = add_early(command, argv, n, text);
	}
	if (command->debuginfod && command->dialect == DEBUG_GDB)
		n = add_early(command, argv, n, ask);
	if (!command->exe && command->dialect == DEBUG_GDB) {
		/* without an executable, gdb finds libraries, but reads none of their symbols */
		argv[n++] = then;
		argv[n++] = libraries;
	}
	for (size_t i = 0; i < command->arguments.count; i++)
		argv[n++] = command->arguments.list[i];
	if (command->exe)
		argv[n++] = (char *)command->exe;
	argv[n++] = core;
	argv[n] = (char *)command->core;
	return argv;
fail:
	free(argv);
	return NULL;
}
