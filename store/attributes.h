/* SPDX-License-Identifier: MIT */
/*
 * The extended attributes user.coredump.* that systemd-coredump sets, for scripts that read
 * them: pid, uid, gid, signal, timestamp, rlimit, hostname, comm, exe, tid.
 */
#pragma once

#include "store/record.h"

/* A file system without them loses nothing: the record is in the file. */
void attributes_set(int file_fd, const struct record *record);
