/* SPDX-License-Identifier: MIT */
#pragma once

struct link_of_chain;
typedef int (*plugin_entry)(struct link_of_chain *link, int depth);

struct link_of_chain {
	plugin_entry run;
	struct link_of_chain *next;
	void *shared;
	char name[32];
};
