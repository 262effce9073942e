/* SPDX-License-Identifier: MIT */
/*
 * The extended attributes user.coredump.*: those that systemd-coredump sets, for scripts that read them (pid, uid,
 * gid, signal, timestamp, rlimit, hostname, comm, exe, tid), and what else the limits count by, for store/vacuum.h
 * (unit, user_unit, container_id, pod_uid).
 */
#pragma once

#include "store/record.h"

/* A file system without them loses nothing: the record is in the file. */
void attributes_set(int file_fd, const struct record *record);
