/* SPDX-License-Identifier: MIT */
/*
 * A thread's own memory: control block (TCB), static TLS around the thread pointer, and the
 * dtv with the blocks that dlopen'ed objects have. In whole pages: 64 bytes missing from
 * struct pthread make libthread_db refuse all threads.
 *
 * Layouts: ELF Handling For Thread-Local Storage (Drepper), variants I (aarch64) and II (x86);
 * glibc's tcbhead_t and dtv_t, musl's struct pthread.
 */
#pragma once

#include "filter/rules.h"

/* What all threads have in common. */
struct tls {
	uint64_t block_size; /* of the largest PT_TLS of all objects, at most */
	size_t blocks_left; /* of what dtvs list, that may still be added */
};

void tls_start(const struct view *view, struct tls *ret);

/* Add what notes->threads[i] has. */
void tls_add(const struct view *view, struct tls *tls, size_t i, struct ranges *ranges);
