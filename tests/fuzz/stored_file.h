/* SPDX-License-Identifier: MIT */
/*
 * One file in a directory of the fuzzer's own, written anew for each input: a dump is opened by
 * its name in a store.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "store/dump.h"

#define STORED_NAME "x.zst"
/* What is made of it. */
#define STORED_OTHER "y.zst"

/* Return: a descriptor of the directory, which stays the fuzzer's. */
int stored_write(const void *bytes, size_t n);

/* The directory's path. */
const char *stored_directory(void);

/* Another file there, empty, to be read and written: a descriptor that stays the fuzzer's. */
int stored_other(void);

/*
 * Whether the first frame with content claims no more than others may take memory. That of a giant process
 * is read whole (FRAME_HEADER_MAX), as who plans anew must.
 */
bool stored_has_small_header(const struct dump *dump);
