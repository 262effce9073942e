/* SPDX-License-Identifier: MIT */
/*
 * A few frames, globals that differ from what is in the file, and a death to choose:
 *	frames segv | abort | unlink | comm NAME
 * The values are what the tests ask a debugger for.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

struct node {
	struct node *next;
	int value;
	char name[16];
};

int counter = 1; /* at run time 4711 */
const char *message = "of the link"; /* at run time "of the run" */
char buffer[32] = "of the link too"; /* at run time "of the run too" */
int zero_at_link; /* at run time 42 */
struct node *head; /* three nodes on the heap */
volatile sig_atomic_t never;

#define DISTINCT __attribute__((noinline, noclone))

DISTINCT static void crash_here(const char *how, int depth)
{
	char local[24] = "local of crash_here";

	if (strcmp(how, "abort") == 0)
		abort();
	if (depth > 0)
		*(volatile int *)(unsigned long)(depth == 7 ? 16 : 24) = local[0];
}

DISTINCT static void middle(const char *how, int depth)
{
	struct node on_stack = { .next = head,
				 .value = depth * 11,
				 .name = "on the stack" };

	crash_here(how, depth + 1);
	never = on_stack.value; /* no tail call */
}

DISTINCT static void outer(const char *how)
{
	middle(how, 6);
	never = 1;
}

static void push(int value, const char *name)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		_exit(9);
	node->next = head;
	node->value = value;
	strncpy(node->name, name, sizeof(node->name) - 1);
	head = node;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "segv";

	counter = 4711;
	message = "of the run";
	strcpy(buffer, "of the run too");
	zero_at_link = 42;
	push(3, "third");
	push(2, "second");
	push(1, "first");
	if (strcmp(how, "unlink") == 0 && unlink(argv[0]) < 0)
		return 8;
	if (strcmp(how, "comm") == 0 && argc > 2)
		(void)prctl(PR_SET_NAME, argv[2]);
	outer(how);
	return 0;
}
