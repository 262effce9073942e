/* SPDX-License-Identifier: MIT */
/*
 * What a child hands on to its parent over a stream socket: messages, each of a kind, with bytes or with descriptors.
 * Both are one program, and the child has read what a crashed program wrote, but only as text: what does not fit
 * is an error all the same.
 *
 * Should: be given up by who receives, when the time is over: the child may hang.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

#define HANDOVER_FDS 2

struct handover {
	uint32_t kind;
	size_t n;
	char *bytes; /* new, with a NUL behind them */
	int fds[HANDOVER_FDS]; /* -1: none */
};

/* Return: two ends, close-on-exec, or negative errno. */
int handover_open(int ret[2]) _must_check_;

/* Return: 0 or negative errno. */
int handover_send(int socket, uint32_t kind, const void *bytes, size_t n) _must_check_;
/* Both must be open. */
int handover_send_fds(int socket, uint32_t kind,
		      const int fds[HANDOVER_FDS]) _must_check_;

/*
 * The next one, of at most cap bytes. until: µs of CLOCK_MONOTONIC. Return: 1: it is in ret, whose owner is then the
 * caller; 0: the child has closed its end; -ETIMEDOUT; -EBADMSG; or negative errno. Then nothing is in ret.
 */
int handover_receive(int socket, size_t cap, int64_t until,
		     struct handover *ret) _must_check_;
void handover_done(struct handover *message);
