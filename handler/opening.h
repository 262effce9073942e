/* SPDX-License-Identifier: MIT */
/*
 * The store, a file in it for the dump, and how much that may take. By a thread, since a file system that
 * is frozen, or whose disk is gone, never answers.
 */
#pragma once

#include "base/cleanup.h"
#include "config/settings.h"
#include "handler/disk.h"

struct opened {
	int runtime_fd; /* given: see struct disk_place */
	int store_fd, file_fd; /* -1: there is none */
	struct disk disk;
};

/*
 * Within Deadline=. Return: 0, or negative errno, then there is no file and *ret_reason says why
 * (static text).
 */
int opening_try(const struct settings *settings, struct opened *ret,
		const char **ret_reason) _must_check_;
