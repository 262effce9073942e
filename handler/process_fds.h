/* SPDX-License-Identifier: MIT */
/*
 * What the crashed process had open, as text: COREDUMP_OPEN_FDS of systemd-coredump.
 */
#pragma once

struct blob;

/*
 * dirfd: /proc/PID. One block for each descriptor, an empty line between:
 *   3:socket:[12345]
 *   pos:	0
 *   flags:	02000002
 * Left empty if it cannot be read.
 */
void process_fds_read(int dirfd, struct blob *ret);
