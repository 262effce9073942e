/* SPDX-License-Identifier: MIT */
/*
 * What the crashed process had open: as text, COREDUMP_OPEN_FDS of systemd-coredump; and which of it outlives
 * the process, if its memory is kept. Links are read, and nothing that they lead to is touched: a stat()
 * of a file whose server is gone would hang.
 */
#pragma once

struct blob;
struct process_locks;

/*
 * dirfd: /proc/PID. maps: its text. ret: one block for each of the first descriptors, an empty line
 * between:
 *   3:socket:[12345]
 *   pos:	0
 *   flags:	02000002
 * Left empty if it cannot be read; ret_locks is not known then.
 */
void process_fds_read(int dirfd, const struct blob *maps, struct blob *ret,
		      struct process_locks *ret_locks);
