/* SPDX-License-Identifier: MIT */
/*
 * A drop map of what a dump's program headers and notes tell, of a dump that has none. The core is extracted twice up
 * to where its headers end, and nothing of them is kept but the map: those of a giant are hundreds of MiB.
 */
#pragma once

#include "store/dump.h"
#include "store/memory_map.h"

/* Return: 0, or negative errno with *ret_reason, static text. */
int memory_headers(struct dump *dump, struct memory_map *ret,
		   const char **ret_reason) _must_check_;
