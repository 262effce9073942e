/* SPDX-License-Identifier: MIT */
/* A program without hints; its variables are exported (-rdynamic). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct {
	int number;
	char name[12];
} state = { 4711, "unchanged" };
char key[64];
char last_error[200];
char *buffer;
extern char **environ;

static void say(const char *what, const void *p)
{
	printf("%s %p\n", what, p);
}

int main(int argc, char **argv)
{
	buffer = malloc(32);
	if (!buffer || read(0, key, sizeof(key)) <= 0)
		return 1;
	say("state", &state);
	say("key", key);
	say("last_error", last_error);
	say("buffer", buffer);
	say("&buffer", &buffer);
	say("&environ", &environ);
	puts("ready");
	fflush(stdout);
	strcpy(last_error, "disk full");
	if (argc > 1 && strcmp(argv[1], "crash") == 0)
		abort();
	pause();
	return 0;
}
