/* SPDX-License-Identifier: MIT */
/*
 * What fleet.rb loads into Ruby: a tree of ships, an iterator that calls Ruby's block, and a crash
 * in the call that comes from there.
 */
#include <ruby.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ship {
	struct ship *left, *right;
	char *name;
	long tons;
};

static struct ship *root;
static int ship_count;
volatile int never;

static VALUE fleet_add(VALUE self, VALUE name, VALUE tons)
{
	struct ship *made = calloc(1, sizeof(*made)), **place = &root;

	if (!made)
		abort();
	made->name = strdup(StringValueCStr(name));
	made->tons = NUM2LONG(tons);
	while (*place)
		place = made->tons < (*place)->tons ? &(*place)->left : &(*place)->right;
	*place = made;
	ship_count++;
	return self;
}

static VALUE fleet_sink(VALUE self, VALUE name)
{
	const char *text = StringValueCStr(name);
	struct ship *ship = root;
	char words[64];

	snprintf(words, sizeof(words), "%s of %d", text, ship_count);
	while (ship->left && strcmp(ship->name, text) != 0)
		ship = ship->left;
	never = *(volatile int *)(unsigned long)(words[0] ? 8 : ship->tons);
	return self;
}

static void each(const struct ship *ship, int depth)
{
	VALUE name;

	if (ship->left)
		each(ship->left, depth + 1);
	name = rb_str_new_cstr(ship->name);
	rb_yield_values(2, name, INT2NUM(depth));
}

static VALUE fleet_each(VALUE self)
{
	each(root, 0);
	return self;
}

void Init_extension(void);

void Init_extension(void)
{
	VALUE fleet = rb_define_module("Fleet");

	rb_define_module_function(fleet, "add", fleet_add, 2);
	rb_define_module_function(fleet, "sink", fleet_sink, 1);
	rb_define_module_function(fleet, "each", fleet_each, 0);
}
