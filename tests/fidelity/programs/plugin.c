/* SPDX-License-Identifier: MIT */
/*
 * Built as two libraries, each of which is loaded twice. What differs between the copies is
 * in their globals and thread-local data.
 */
#include <stdio.h>
#include <stdlib.h>

#include "plugin.h"

struct entry {
	struct entry *left, *right;
	const char *label;
	int weight;
};

int plugin_counter = 1;
char plugin_message[40] = "of the link";
struct entry *plugin_root;
static struct entry *const *const plugin_root_of =
	&plugin_root; /* relocated, then read-only */
static __thread int calls_of_thread;
__thread char note_of_thread[64] = "of the link";
volatile int plugin_never;

static struct entry *grow(const char *label, int weight)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		abort();
	entry->label = label;
	entry->weight = weight;
	if (plugin_root && weight % 2)
		entry->left = plugin_root;
	else
		entry->right = plugin_root;
	return entry;
}

int plugin_run(struct link_of_chain *link, int depth)
{
	struct entry *top = *plugin_root_of;
	char words[48];
	int r;

	for (int i = 0; i < 20; i++)
		plugin_root = top = grow(link->name, depth * 100 + i);
	calls_of_thread++;
	plugin_counter += top->weight;
	snprintf(words, sizeof(words), "%s at depth %d", link->name, depth);
	snprintf(note_of_thread, sizeof(note_of_thread), "noted: %s", words);
	snprintf(plugin_message, sizeof(plugin_message), "of the run of %d", depth);
	r = link->next->run(link->next, depth + 1);
	plugin_never = top->weight;
	return r;
}
