/* SPDX-License-Identifier: MIT */
/*
 * From an unnamed file to a durable dump with a name, or nothing at all. Everything goes
 * through one descriptor of the store's directory; no path is looked up twice.
 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"

/*
 * What a new store gets. Everybody may see the names of dumps, for users must find those that are
 * theirs to read; an administrator may be stricter.
 */
#define STORE_MODE 0755

/*
 * Open the store. A missing directory is made if its parent is there. It must be a directory, not a
 * link, owned by root (or by the caller, if not root), not writable by group or others, and in a
 * place that no other user can change (store/walk.h). Return: a descriptor; negative errno, and *ret_reason tells people what
 * is wrong and what to do (static text).
 */
int store_open(const char *directory, const char **ret_reason) _must_check_;

/* An unnamed file of mode 0600 in the store. Return: a descriptor or negative errno. */
int store_create(int store_fd) _must_check_;

/*
 * Make the file durable and give it a name: fsync, linkat without replacing, fsync of the
 * directory. The name is STEM.zst, or STEM-1.zst ... STEM-999.zst where that is taken, and is
 * written to ret_name. Return: 0 or negative errno; then no name is left behind.
 */
#define STORE_NAME_SIZE 256
int store_publish(int store_fd, int file_fd, const char *stem,
		  char ret_name[STORE_NAME_SIZE]) _must_check_;

/* The same under exactly this name. Return: 0; -EEXIST: it is taken; or negative errno. */
int store_publish_as(int store_fd, int file_fd, const char *name) _must_check_;
