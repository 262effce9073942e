/* SPDX-License-Identifier: MIT */
/*
 * What a program in C says of its memory.
 *
 *	cc -std=c11 -I.. -o example example.c
 *	echo password | ./example crash
 *
 * Says on standard output what it said, one hint a line, and then crashes or waits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <dumpd-hints.h>

#define CACHE_SIZE (1u << 20)

static struct {
	int number;
	char path[60];
} request;

static char
	*journal; /* grows: where it is and how long is known when the program crashes */
static size_t journal_used;
static char *cache; /* can be fetched again: of no use to anybody who looks at a crash */
static char why[200]; /* of the crash */

static void said(const char *what, const void *p, size_t n, dumpd_hint_id id)
{
	if (id < 0) {
		fprintf(stderr, "%s: %s\n", what, strerror((int)-id));
		exit(1);
	}
	printf("%s 0x%llx %zu\n", what, (unsigned long long)(uintptr_t)p, n);
}

static void log_line(const char *line)
{
	size_t n = strlen(line);
	char *bigger = realloc(journal, journal_used + n);

	if (!bigger)
		return;
	memcpy(bigger + journal_used, line, n);
	journal = bigger;
	journal_used += n;
}

/* The hint comes first: there is no instant at which the password is in a dump. */
static char *read_password(size_t size)
{
	char *password = malloc(size);
	dumpd_hint_id id;

	if (!password)
		return NULL;
	id = dumpd_hints_add(dumpd_secret(password, size, "password"));
	if (id < 0 || read(STDIN_FILENO, password, size) <= 0)
		exit(1);
	said("secret", password, size, id);
	return password;
}

/* It ends last, when there is nothing left to cover. */
static void short_lived_secret(void)
{
	volatile char pin[8] = "";
	dumpd_hint_id id = dumpd_hints_add(dumpd_secret(pin, sizeof(pin), "pin"));

	for (size_t i = 0; i < sizeof(pin); i++)
		pin[i] = (char)('0' + i);
	for (size_t i = 0; i < sizeof(pin); i++)
		pin[i] = 0;
	dumpd_hints_remove(id);
}

int main(int argc, char **argv)
{
	char *password;

	request.number = 4711;
	strcpy(request.path, "/orders/4711");
	cache = malloc(CACHE_SIZE);
	password = read_password(64);
	if (!cache || !password)
		return 1;
	memset(cache, 0xca, CACHE_SIZE);
	said("keep", &request, sizeof(request),
	     dumpd_hints_add(dumpd_keep(&request, sizeof(request), 0, "request")));
	said("pointee", &journal, 65536,
	     dumpd_hints_add(dumpd_keep_pointee_of(&journal, &journal_used,
						   sizeof(journal_used), 65536, 1,
						   "journal")));
	said("drop", cache, CACHE_SIZE,
	     dumpd_hints_add(dumpd_drop(cache, CACHE_SIZE, "cache")));
	said("text", why, sizeof(why),
	     dumpd_hints_add(dumpd_text(why, sizeof(why), "why")));
	short_lived_secret();
	log_line("started\n");
	log_line("order 4711 came in\n");
	printf("journal 0x%llx %zu\nready\n", (unsigned long long)(uintptr_t)journal,
	       journal_used);
	fflush(stdout);
	if (argc > 1 && strcmp(argv[1], "crash") == 0) {
		snprintf(why, sizeof(why), "order %d has no customer", request.number);
		abort();
	}
	pause();
	return 0;
}
