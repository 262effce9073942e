/* SPDX-License-Identifier: MIT */
/*
 * For a static program of any libc: a tree and a table on the heap, threads with thread-local
 * data, a crash some calls deep.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS 4
#define NODES	50000

struct node {
	struct node *left, *right;
	struct node *parent;
	char *text;
	uint32_t key;
};

static struct node *root;
static uint32_t node_count;
static const char *stage = "of the link";
static __thread uint32_t visits = 1;
static pthread_mutex_t forever = PTHREAD_MUTEX_INITIALIZER;
volatile int never;

#define DISTINCT __attribute__((noinline, noclone))

static struct node *make(uint32_t key, struct node *parent)
{
	struct node *made = calloc(1, sizeof(*made));
	char text[40];

	if (!made)
		_exit(9);
	snprintf(text, sizeof(text), "node number %u", key);
	made->text = strdup(text);
	made->key = key;
	made->parent = parent;
	node_count++;
	return made;
}

static void insert(uint32_t key)
{
	struct node *parent = NULL, **place = &root;

	while (*place) {
		parent = *place;
		place = key < parent->key ? &parent->left : &parent->right;
	}
	*place = make(key, parent);
}

DISTINCT static int descend(const struct node *node, int depth)
{
	const struct node *lighter = node->left ? node->left : node;
	char path[32];

	snprintf(path, sizeof(path), "depth %d key %u", depth, node->key);
	visits++;
	if (!node->right) {
		*(volatile int *)(unsigned long)8 = path[0];
		return 0;
	}
	never = descend(node->right, depth + 1) + (int)lighter->key;
	return never;
}

static void *wait_forever(void *argument)
{
	char name[24];

	visits = (uint32_t)(uintptr_t)argument * 1000;
	snprintf(name, sizeof(name), "thread %u", visits);
	pthread_mutex_lock(&forever);
	never = name[0];
	return NULL;
}

int main(void)
{
	uint32_t key = 12345;
	pthread_t threads[THREADS];

	pthread_mutex_lock(&forever);
	for (uintptr_t i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, wait_forever, (void *)(i + 1)))
			return 9;
	}
	for (int i = 0; i < NODES; i++) {
		key = key * 1664525 + 1013904223;
		insert(key >> 4);
	}
	usleep(100000);
	stage = "of the run";
	return descend(root, 0);
}
