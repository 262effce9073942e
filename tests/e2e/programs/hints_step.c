/* SPDX-License-Identifier: MIT */
/*
 * A signal at every instruction: what hints_* functions promise holds wherever a program is
 * interrupted, or crashes. x86-64's trap flag raises SIGTRAP after each one.
 *
 *	hints_step [table]    table: the first hint, which makes the table
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DUMPD_HINTS_CAPACITY 62
#include <dumpd-hints.h>

#define CHECK(what)                                                                  \
	do {                                                                         \
		if (!(what)) {                                                       \
			fprintf(stderr, "%s:%d: %s, step %ld\n", __FILE__, __LINE__, \
				#what, steps);                                       \
			_exit(1);                                                    \
		}                                                                    \
	} while (0)

#define NO_STEP -1

static volatile long steps;
static volatile long step_of_hint =
	NO_STEP; /* the handler's own hint is at this one alone */
static volatile int must_be_covered; /* how much of the secret, at every step */
static char secret[64], of_handler[64];

/* Like the reader: what is set counts. Return: bytes of p that one hint covers. */
static size_t covered(const char *p, uint8_t kind)
{
	const struct dumpd_hint *entries;
	size_t most = 0;

	if (!dumpd_hints_table_1 || dumpd_hints_table_1->magic != DUMPD_HINTS_MAGIC)
		return 0;
	entries = (const struct dumpd_hint *)(dumpd_hints_table_1 + 1);
	for (int i = 0; i < DUMPD_HINTS_CAPACITY; i++) {
		if ((entries[i].state & 0xff) != DUMPD_HINTS_SET ||
		    entries[i].kind != kind || entries[i].address != (uintptr_t)p)
			continue;
		/* never a mixture of two */
		CHECK(entries[i].priority == entries[i].length);
		CHECK(entries[i].tag[0] == (char)('0' + entries[i].length % 10));
		if (entries[i].length > most)
			most = entries[i].length;
	}
	return most;
}

static struct dumpd_hint make(uint8_t kind, const char *p, uint8_t n)
{
	const char tag[2] = { (char)('0' + n % 10), '\0' };
	struct dumpd_hint hint = dumpd_keep(p, n, n, tag);

	hint.kind = kind;
	return hint;
}

/* Everything once. */
static void interrupt(void)
{
	dumpd_hint_id id;

	errno = 4711;
	id = dumpd_hints_add(make(DUMPD_HINT_SECRET, of_handler, 8));
	CHECK(id > 0);
	CHECK(covered(of_handler, DUMPD_HINT_SECRET) == 8);
	id = dumpd_hints_replace(id, make(DUMPD_HINT_SECRET, of_handler, 16));
	CHECK(id > 0);
	CHECK(covered(of_handler, DUMPD_HINT_SECRET) == 16);
	CHECK(dumpd_hints_remove(id) == 0);
	CHECK(dumpd_hints_remove(id) == -ENOENT);
	CHECK(covered(of_handler, DUMPD_HINT_SECRET) == 0);
	CHECK(errno == 4711);
}

static void on_step(int signal)
{
	int saved = errno;

	(void)signal;
	steps++;
	if (must_be_covered)
		CHECK(covered(secret, DUMPD_HINT_SECRET) >= (size_t)must_be_covered);
	if (step_of_hint == NO_STEP || step_of_hint == steps)
		interrupt();
	errno = saved;
}

static inline void step(int on)
{
	unsigned long long flags = __builtin_ia32_readeflags_u64();

	steps = on ? 0 : steps;
	__builtin_ia32_writeeflags_u64(on ? flags | 0x100 : flags & ~0x100ull);
}

static void hold(void)
{
	dumpd_hint_id id, kept;
	long longest;

	CHECK(dumpd_hints_prepare() == 0);
	step(1);
	id = dumpd_hints_add(make(DUMPD_HINT_SECRET, secret, 10));
	step(0);
	longest = steps;
	CHECK(id > 0 && covered(secret, DUMPD_HINT_SECRET) == 10);
	must_be_covered = 10;
	step(1);
	kept = dumpd_hints_add(make(DUMPD_HINT_KEEP, secret, 20));
	id = dumpd_hints_replace(id, make(DUMPD_HINT_SECRET, secret, 30));
	step(0);
	CHECK(kept > 0 && id > 0);
	must_be_covered = 30;
	step(1);
	CHECK(dumpd_hints_remove(kept) == 0);
	step(0);
	CHECK(covered(secret, DUMPD_HINT_KEEP) == 0);
	must_be_covered = 0;
	step(1);
	CHECK(dumpd_hints_remove(id) == 0);
	step(0);
	CHECK(covered(secret, DUMPD_HINT_SECRET) == 0);
	CHECK(longest > 20);
	printf("%ld instructions\n", longest);
}

static int tables(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	int count = 0;

	while (maps && fgets(line, sizeof(line), maps))
		count += strstr(line, "/memfd:dumpd-hints") != NULL;
	if (maps)
		fclose(maps);
	return count;
}

/* The handler's hint may be the first one, too: one of the two tables goes away again. */
static int first_hint(long at)
{
	dumpd_hint_id id;

	step_of_hint = at;
	errno = 17;
	step(1);
	id = dumpd_hints_add(make(DUMPD_HINT_SECRET, secret, 10));
	step(0);
	CHECK(errno == 17);
	CHECK(id > 0 && covered(secret, DUMPD_HINT_SECRET) == 10);
	CHECK(tables() == 1);
	CHECK(dumpd_hints_remove(id) == 0);
	return steps < at; /* all were tried */
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_step };
	int status = 0;
	long at = 0;

	sigaction(SIGTRAP, &action, NULL);
	if (argc == 1) {
		hold();
		return 0;
	}
	(void)argv;
	while (status == 0) {
		pid_t pid = fork();

		at++;
		if (pid == 0)
			_exit(first_hint(at) ? 42 : 0);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 1;
	}
	printf("%ld instructions\n", at - 1);
	return WIFEXITED(status) && WEXITSTATUS(status) == 42 && at > 100 ? 0 : 1;
}
