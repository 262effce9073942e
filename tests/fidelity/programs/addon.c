/* SPDX-License-Identifier: MIT */
/*
 * What orders.cjs loads into Node: takes an order apart, calls back into JavaScript, and dies in
 * the call that comes from there.
 */
#include <stdio.h>
#include <stdlib.h>

#define NAPI_VERSION 8
#include <node_api.h>

struct line {
	struct line *next;
	char *text;
	double price;
};

struct order {
	uint32_t count;
	struct line *lines;
	char customer[40];
};

static struct order orders[2];
static int order_count;
volatile int never;

static void must(napi_status status)
{
	if (status != napi_ok)
		abort();
}

static void add_line(napi_env env, napi_value value, struct order *order)
{
	struct line *line = calloc(1, sizeof(*line));
	char text[80];
	size_t length;

	must(napi_get_value_string_utf8(env, value, text, sizeof(text), &length));
	if (!line || asprintf(&line->text, "%u: %s", order->count, text) < 0)
		abort();
	line->price = (double)length * 1.5;
	line->next = order->lines;
	order->lines = line;
	order->count++;
}

static napi_value crash(const struct order *order, int depth)
{
	char words[64];

	snprintf(words, sizeof(words), "%u lines of %s", order->count, order->customer);
	never = *(volatile int *)(unsigned long)(words[0] ? 8 : depth);
	return NULL;
}

/* take(customer, [line], next): next is called with this function's own arguments. */
static napi_value take(napi_env env, napi_callback_info info)
{
	struct order *order = &orders[order_count++ % 2];
	napi_value arguments[3], result = NULL, global, element;
	size_t count = 3, length;
	uint32_t lines;

	must(napi_get_cb_info(env, info, &count, arguments, NULL, NULL));
	must(napi_get_value_string_utf8(env, arguments[0], order->customer,
					sizeof(order->customer), &length));
	must(napi_get_array_length(env, arguments[1], &lines));
	for (uint32_t i = 0; i < lines; i++) {
		must(napi_get_element(env, arguments[1], i, &element));
		add_line(env, element, order);
	}
	if (order_count > 1)
		return crash(order, order_count);
	must(napi_get_global(env, &global));
	must(napi_call_function(env, global, arguments[2], 2, arguments, &result));
	return result;
}

NAPI_MODULE_INIT(/* napi_env env, napi_value exports */)
{
	napi_value function;

	must(napi_create_function(env, "take", NAPI_AUTO_LENGTH, take, NULL, &function));
	must(napi_set_named_property(env, exports, "take", function));
	return exports;
}
