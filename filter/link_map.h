/* SPDX-License-Identifier: MIT */
/*
 * The dynamic linker's chain, as a debugger walks it: DT_DEBUG of the executable's PT_DYNAMIC ->
 * struct r_debug of each namespace -> struct link_map {l_addr, l_name, l_ld, l_next, l_prev}
 * (<link.h>; glibc 2.35 added r_debug_extended with r_next; musl has one namespace). The
 * program can write all of it, so every step is bounded.
 */
#pragma once

#include "filter/rules.h"

/* Processes with 2,000 objects are known; a chain without an end is cut here. */
#define LINK_MAP_NODES_MAX 8192

/* glibc's DL_NNS is 16. */
#define LINK_MAP_NAMESPACES_MAX 16

struct link_map_walk {
	size_t nodes; /* that were read */
	bool broken; /* a pointer led to nowhere */
	bool endless; /* caps were reached: a cycle */
};

/*
 * Add headers, PT_DYNAMIC, r_debugs, nodes and names. Return: false if the executable's
 * headers cannot be read, or, though it has a dynamic linker, no node or not all of the chain.
 */
bool link_map_add(const struct view *view, struct ranges *ranges,
		  struct link_map_walk *ret);

/* A node of a chain: the addresses of itself, its name, the module's PT_DYNAMIC, the next one. */
struct link_map_node {
	uint64_t node, name, dynamic, next;
};

/* Called for each r_debug (NULL: not), and for each of its nodes. */
struct link_map_visit {
	void (*space)(void *context, uint64_t r_debug);
	void (*node)(void *context, const struct link_map_node *node);
	void *context;
};

/* Of the view, notes and memory are looked at; likewise below. ret is zero. */
void link_map_each(const struct view *view, uint64_t r_debug,
		   const struct link_map_visit *visit, struct link_map_walk *ret);

/*
 * The r_debug that a PT_DYNAMIC's DT_DEBUG names. *ret 0: the linker has not set it, or there is none.
 * Return: false if it cannot be read.
 */
bool link_map_find(const struct view *view, uint64_t dynamic, uint64_t *ret);
