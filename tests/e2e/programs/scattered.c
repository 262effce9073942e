/* SPDX-License-Identifier: MIT */
/*
 * 3,000 pointers on the stack, each to a node of its own in 48 MiB of noise: as pages these are
 * 12 MB that no compression makes small.
 */
#include <stdint.h>
#include <stdlib.h>

#define COUNT 3000
#define STEP  16384

struct node {
	uint64_t number;
	struct node *next;
	uint64_t noise[STEP / 8 - 2];
};

static uint64_t seed = 88172645463325252;

static uint64_t random_word(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

__attribute__((noinline, noclone)) static void crash_here(struct node **pins)
{
	*(volatile uint64_t *)16 = pins[0]->number;
}

int main(void)
{
	struct node *nodes = malloc(COUNT * sizeof(*nodes));
	struct node *pins[COUNT];

	if (!nodes)
		return 9;
	for (uint64_t i = 0; i < COUNT; i++) {
		for (size_t w = 0; w < sizeof(nodes[i].noise) / 8; w++)
			nodes[i].noise[w] = random_word();
		nodes[i].number = i;
		nodes[i].next = &nodes[random_word() % COUNT];
		pins[i] = &nodes[i];
	}
	__asm__ volatile("" : : "r"(pins) : "memory"); /* all of them are needed */
	crash_here(pins);
	return 0;
}
