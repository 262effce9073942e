/* SPDX-License-Identifier: MIT */
/*
 * One file in a directory of the fuzzer's own, written anew for each input: a dump is opened by
 * its name in a store.
 */
#pragma once

#include <stddef.h>

#define STORED_NAME "x.zst"

/* Return: a descriptor of the directory, which stays the fuzzer's. */
int stored_write(const void *bytes, size_t n);

/* The directory's path. */
const char *stored_directory(void);
