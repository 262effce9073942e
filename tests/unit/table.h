/* SPDX-License-Identifier: MIT */
/*
 * A table of rows as cmocka tests, each under the row's own name.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"

/* rows: a static array of structs with a member name; function gets the row as *state. */
#define RUN_TABLE(rows, function)                                                  \
	({                                                                         \
		static struct CMUnitTest _tests[ARRAY_SIZE(rows)];                 \
		for (size_t _i = 0; _i < ARRAY_SIZE(rows); _i++)                   \
			_tests[_i] = (struct CMUnitTest){                          \
				.name = (rows)[_i].name,                           \
				.test_func = (function),                           \
				.initial_state = (void *)(uintptr_t) & (rows)[_i], \
			};                                                         \
		cmocka_run_group_tests_name(#rows, _tests, NULL, NULL);            \
	})
