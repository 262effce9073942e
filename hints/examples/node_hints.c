/* SPDX-License-Identifier: MIT */
/*
 * Hints for Node: an addon of one file, which example.mjs loads.
 *
 *	cc -std=c11 -shared -fPIC -I.. -I/usr/include/node -o node_hints.node node_hints.c
 *
 *	add(kind, view, priority, tag) -> id     a Buffer or other view of an ArrayBuffer
 *	remove(id)
 *
 * Node-API keeps its ABI, so that one build serves all versions of Node. The memory of a view
 * is outside of the garbage collector's heap and does not move; a hint holds it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <node_api.h>

#include <dumpd-hints.h>

struct held {
	dumpd_hint_id id;
	napi_ref view; /* not collected as long as it is named */
};

static napi_value throw_errno(napi_env env, dumpd_hint_id error)
{
	(void)napi_throw_error(env, "ERR_DUMPD_HINTS", strerror((int)-error));
	return NULL;
}

/* The only way to lose a handle: the program forgot it. What it said then still holds. */
static void forget(napi_env env, void *data, void *unused)
{
	(void)env;
	(void)unused;
	free(data);
}

/* A view's memory. Return: false if it has none. */
static bool memory_of(napi_env env, napi_value view, void **ret_p, size_t *ret_n)
{
	bool is_view = false, is_typed = false;
	napi_typedarray_type type;

	(void)napi_is_buffer(env, view, &is_view); /* Uint8Array and DataView, too */
	(void)napi_is_typedarray(env, view, &is_typed);
	if (is_view)
		return napi_get_buffer_info(env, view, ret_p, ret_n) == napi_ok;
	return is_typed && napi_get_typedarray_info(env, view, &type, ret_n, ret_p, NULL,
						    NULL) == napi_ok;
}

static napi_value hold(napi_env env, napi_value view, dumpd_hint_id id)
{
	struct held *held = calloc(1, sizeof(*held));
	napi_value ret;

	if (!held) {
		dumpd_hints_remove(id);
		return throw_errno(env, -ENOMEM);
	}
	held->id = id;
	if (napi_create_reference(env, view, 1, &held->view) != napi_ok ||
	    napi_create_external(env, held, forget, NULL, &ret) != napi_ok) {
		dumpd_hints_remove(id);
		free(held);
		return throw_errno(env, -ENOMEM);
	}
	return ret;
}

static napi_value add(napi_env env, napi_callback_info info)
{
	char tag[DUMPD_HINTS_TAG_SIZE] = "";
	size_t count = 4, n = 0, tag_n;
	struct dumpd_hint hint;
	uint32_t kind, priority;
	napi_value argument[4];
	dumpd_hint_id id;
	void *p;

	if (napi_get_cb_info(env, info, &count, argument, NULL, NULL) != napi_ok ||
	    count != 4 || napi_get_value_uint32(env, argument[0], &kind) != napi_ok ||
	    kind == DUMPD_HINT_KEEP_POINTEE || kind > DUMPD_HINT_TEXT ||
	    !memory_of(env, argument[1], &p, &n) ||
	    napi_get_value_uint32(env, argument[2], &priority) != napi_ok ||
	    priority > UINT8_MAX ||
	    napi_get_value_string_utf8(env, argument[3], tag, sizeof(tag), &tag_n) !=
		    napi_ok)
		return throw_errno(env, -EINVAL);
	hint = dumpd_keep(p, n, (uint8_t)priority, tag);
	hint.kind = (uint8_t)kind;
	id = dumpd_hints_add(hint);
	return id < 0 ? throw_errno(env, id) : hold(env, argument[1], id);
}

static napi_value end(napi_env env, napi_callback_info info)
{
	struct held *held;
	napi_value argument;
	size_t count = 1;

	if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok ||
	    count != 1 ||
	    napi_get_value_external(env, argument, (void **)&held) != napi_ok)
		return throw_errno(env, -EINVAL);
	if (held->view) {
		dumpd_hints_remove(held->id);
		(void)napi_delete_reference(env, held->view);
		held->view = NULL;
	}
	return NULL;
}

NAPI_MODULE_INIT()
{
	const napi_property_descriptor functions[] = {
		{ "add", NULL, add, NULL, NULL, NULL, napi_enumerable, NULL },
		{ "remove", NULL, end, NULL, NULL, NULL, napi_enumerable, NULL },
	};

	if (napi_define_properties(env, exports, 2, functions) != napi_ok)
		return NULL;
	return exports;
}
