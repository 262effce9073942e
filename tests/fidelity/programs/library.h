/* SPDX-License-Identifier: MIT */
#pragma once

struct call;
typedef int (*library_entry)(struct call *call, int depth);

struct call {
	library_entry run;
	struct call *next;
	char name[32];
};
