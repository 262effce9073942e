/* SPDX-License-Identifier: MIT */
#include "filter/link_map.h"
#include "filter/mapping.h"
#include "filter/object.h"

/* glibc 2.36's struct link_map is 1,168 bytes; l_tls_modid is near its end. */
#define NODE_SIZE 1280

/* glibc's r_debug_extended is 48 bytes. */
#define R_DEBUG_SIZE 64

/* PATH_MAX. */
#define NAME_MAX_SIZE 4096

/* Entries of a PT_DYNAMIC: linkers write some 30. */
#define DYNAMIC_MAX 512

/*
 * Words of both structures.
 * r_debug: r_version (an int), r_map, r_brk, r_state (an int), r_ldbase, and r_next from version 2 on
 */
enum {
	R_MAP = 1,
	R_NEXT = 5
};
enum {
	L_NAME = 1,
	L_LD = 2,
	L_NEXT = 3
};

static bool number(const struct view *view, uint64_t address, unsigned int word,
		   uint64_t *ret)
{
	size_t size = view->notes->word;

	return memory_number(view->memory, address + word * size, size, ret);
}

/* Nodes and names are malloc's, whose pointers may have tags. */
static bool pointer(const struct view *view, uint64_t address, unsigned int word,
		    uint64_t *ret)
{
	if (!number(view, address, word, ret))
		return false;
	*ret = notes_address(view->notes, *ret);
	return true;
}

/*
 * The string at an address. In triage a name stays as it is; what has no end is none, and may be
 * anything.
 */
static void add_name(const struct view *view, uint64_t address, struct ranges *ranges)
{
	char name[NAME_MAX_SIZE];
	size_t n = memory_read_some(view->memory, address, name, sizeof(name));
	const char *end = memchr(name, '\0', n);

	if (end) {
		n = (size_t)(end - name) + 1;
		spans_add(&view->findings->names, address, address + n);
	}
	if (n)
		mapping_add(view, address, n, RANK_LOADER, ranges);
}

static bool read_node(const struct view *view, uint64_t node, struct link_map_node *ret)
{
	ret->node = node;
	return pointer(view, node, L_NEXT, &ret->next) &&
	       pointer(view, node, L_NAME, &ret->name) &&
	       pointer(view, node, L_LD, &ret->dynamic);
}

static void each_in_chain(const struct view *view, uint64_t address,
			  const struct link_map_visit *visit, struct link_map_walk *walk)
{
	struct link_map_node node;

	for (; address; address = node.next) {
		if (walk->nodes >= LINK_MAP_NODES_MAX) {
			walk->endless = true;
			return;
		}
		if (!read_node(view, address, &node)) {
			walk->broken = true;
			return;
		}
		visit->node(visit->context, &node);
		walk->nodes++;
	}
}

/* Version 2 has namespaces; an absurd version is taken for one that has. */
void link_map_each(const struct view *view, uint64_t r_debug,
		   const struct link_map_visit *visit, struct link_map_walk *walk)
{
	for (size_t i = 0; r_debug; i++) {
		uint64_t version, map, next = 0;

		if (i >= LINK_MAP_NAMESPACES_MAX) {
			walk->endless = true;
			return;
		}
		if (!memory_number(view->memory, r_debug, 4, &version) ||
		    !pointer(view, r_debug, R_MAP, &map)) {
			walk->broken = true;
			return;
		}
		if (visit->space)
			visit->space(visit->context, r_debug);
		each_in_chain(view, map, visit, walk);
		if (version >= 2 && !pointer(view, r_debug, R_NEXT, &next))
			walk->broken = true;
		r_debug = next;
	}
}

/* What is added for the rule. */
struct adding {
	const struct view *view;
	struct ranges *ranges;
};

static void add_node(void *context, const struct link_map_node *node)
{
	const struct adding *adding = context;

	mapping_add(adding->view, node->node, NODE_SIZE, RANK_LOADER, adding->ranges);
	add_name(adding->view, node->name, adding->ranges);
	mapping_add(adding->view, node->dynamic, 1, RANK_LOADER, adding->ranges);
}

static void add_space(void *context, uint64_t r_debug)
{
	const struct adding *adding = context;

	mapping_add(adding->view, r_debug, R_DEBUG_SIZE, RANK_LOADER, adding->ranges);
}

static void add_namespaces(const struct view *view, uint64_t r_debug,
			   struct ranges *ranges, struct link_map_walk *walk)
{
	struct adding adding = { view, ranges };
	const struct link_map_visit visit = { add_space, add_node, &adding };

	link_map_each(view, r_debug, &visit, walk);
}

bool link_map_find(const struct view *view, uint64_t dynamic, uint64_t *ret)
{
	uint64_t tag;

	*ret = 0;
	for (unsigned int i = 0; i < DYNAMIC_MAX; i++) {
		if (!number(view, dynamic, 2 * i, &tag))
			return false;
		if (tag == DT_DEBUG)
			return number(view, dynamic, 2 * i + 1, ret);
		if (tag == DT_NULL)
			return true;
	}
	return false;
}

bool link_map_add(const struct view *view, struct ranges *ranges,
		  struct link_map_walk *ret)
{
	struct object executable;
	uint64_t headers = 0, linker = 0, r_debug;

	*ret = (struct link_map_walk){ 0 };
	(void)notes_auxv(view->notes, AT_BASE, &linker); /* 0: a static program */
	if (notes_auxv(view->notes, AT_PHDR, &headers))
		mapping_add(view, headers, PAGE, RANK_LOADER, ranges);
	if (!object_read_executable(view, &executable))
		return false;
	mapping_add(view, executable.dynamic, executable.dynamic_size, RANK_LOADER,
		    ranges);
	if (!linker)
		return true;
	if (!executable.dynamic || !link_map_find(view, executable.dynamic, &r_debug))
		return false;
	add_namespaces(view, r_debug, ranges, ret);
	spans_join(&view->findings->names);
	return ret->nodes > 0 && !ret->broken;
}
