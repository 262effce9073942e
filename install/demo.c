/* SPDX-License-Identifier: MIT */
/*
 * A small program with a mistake, for `make demo`: the last line of an order has no item.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct item {
	const char *name;
	int price;
};

struct order {
	int number;
	char customer[24];
	int lines;
	struct item **items;
};

static int price_of(const struct item *item)
{
	return item->price;
}

static int total_of(const struct order *order)
{
	int total = 0;

	for (int line = 0; line < order->lines; line++)
		total += price_of(order->items[line]);
	return total;
}

int main(void)
{
	static struct item tea = { "tea", 350 }, cake = { "cake", 420 };
	struct order *order = calloc(1, sizeof(*order));

	if (!order)
		return 1;
	order->number = 4711;
	strcpy(order->customer, "Ada Lovelace");
	order->lines = 3;
	order->items = calloc(3, sizeof(*order->items));
	if (!order->items)
		return 1;
	order->items[0] = &tea;
	order->items[1] = &cake;
	printf("order %d: %d\n", order->number, total_of(order));
	return 0;
}
