/* SPDX-License-Identifier: MIT */
/*
 * heap MEGABYTES THREADS: so much memory in blocks with random content, which no compression
 * makes small, linked as a list, as a tree and in a table. The crash is 120 steps into the list, which
 * was reached through the tree; the other threads are at work on the most recent blocks.
 *
 * What locals lead to in two steps is some 300 pages of such content, of half a million: a dump
 * that has it fits into 2 MB, but not with much beside it.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BUCKETS	    4096
#define STEPS	    120
#define RECENT	    100
#define IN_TREE	    8 /* one block of so many */
#define THREADS_MAX 1024

struct block {
	struct block *next; /* of its bucket */
	struct block *older; /* of all */
	struct block *left, *right;
	uint64_t key;
	uint32_t words;
	char label[20];
	uint64_t content[];
};

struct cursor {
	struct block *at;
	struct block **bucket;
	uint64_t seen;
	const struct cursor *outer;
};

static struct block *buckets[BUCKETS];
static struct block *newest, *root;
static uint64_t block_count, byte_count;
static uint64_t seed = 88172645463325252;
static __thread uint64_t steps;
static pthread_barrier_t started;
static pthread_mutex_t forever = PTHREAD_MUTEX_INITIALIZER;
volatile int never;

#define DISTINCT __attribute__((noinline, noclone))

static uint64_t random_word(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void insert(struct block *block)
{
	struct block **place = &root;

	while (*place)
		place = block->key < (*place)->key ? &(*place)->left : &(*place)->right;
	*place = block;
}

static void make(void)
{
	uint32_t words = 8 + random_word() % 250;
	struct block *block = malloc(sizeof(*block) + words * sizeof(block->content[0]));
	struct block **bucket;

	if (!block)
		_exit(9);
	block->left = block->right = NULL;
	block->key = random_word();
	block->words = words;
	snprintf(block->label, sizeof(block->label), "block %lu", block_count++);
	for (uint32_t i = 0; i < words; i++)
		block->content[i] = random_word();
	bucket = &buckets[block->key % BUCKETS];
	block->next = *bucket;
	*bucket = block;
	block->older = newest;
	newest = block;
	if (block_count % IN_TREE == 0)
		insert(block);
	byte_count += words * sizeof(block->content[0]);
}

DISTINCT static void stop(int crash, const struct cursor *cursor)
{
	pthread_barrier_wait(&started);
	if (crash) {
		usleep(300000); /* the others wait by then */
		*(volatile int *)8 = (int)cursor->seen;
	}
	pthread_mutex_lock(&forever);
	never = (int)cursor->seen;
}

DISTINCT static void follow(struct block *block, int left, int crash,
			    const struct cursor *outer)
{
	struct cursor here = {
		.at = block,
		.bucket = &buckets[block->key % BUCKETS],
		.seen = outer ? outer->seen + 1 : 1,
		.outer = outer,
	};
	struct block *following = block->older;

	steps++;
	if (left == 0 || !following)
		stop(crash, &here);
	else
		follow(following, left - 1, crash, &here);
	never = following != NULL;
}

DISTINCT static void search(struct block *block, uint64_t key, const struct cursor *outer)
{
	struct cursor here = { .at = block,
			       .seen = outer ? outer->seen + 1 : 1,
			       .outer = outer };
	struct block *next = key < block->key ? block->left : block->right;

	steps++;
	if (block->key == key || !next)
		follow(newest, STEPS, 1, &here);
	else
		search(next, key, &here);
	never = next != NULL;
}

static struct block *recent(uint64_t number)
{
	struct block *block = newest;

	for (uint64_t i = 0; i < number % RECENT && block->older; i++)
		block = block->older;
	return block;
}

static void *work(void *argument)
{
	uint64_t number = (uintptr_t)argument;

	follow(recent(number * 17), 4 + (int)(number % 8), 0, NULL);
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t wanted = argc > 1 ? strtoull(argv[1], NULL, 10) << 20 : 1 << 20;
	uintptr_t threads = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	pthread_t ids[THREADS_MAX];

	if (threads < 1 || threads > THREADS_MAX ||
	    pthread_barrier_init(&started, NULL, (unsigned)threads))
		return 9;
	pthread_mutex_lock(&forever);
	while (byte_count < wanted)
		make();
	for (uintptr_t i = 1; i < threads; i++) {
		if (pthread_create(&ids[i], NULL, work, (void *)i))
			return 9;
	}
	search(root, newest->key, NULL);
	return 0;
}
