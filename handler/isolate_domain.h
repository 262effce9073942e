/* SPDX-License-Identifier: MIT */
/*
 * SELinux and AppArmor: the worker leaves the handler's domain for a smaller one, in which no process may be
 * traced and no file opened (selinux/dumpd.te, install/apparmor/usr.lib.dumpd). For handler/isolate.c alone.
 *
 * Both are asked by the same file, /proc/PID/attr/current. It has the label of the one that the kernel runs
 * (there is never more than one of them, nor of Smack), and that is one of ours or not:
 *
 *    system_u:system_r:dumpd_t:s0   SELinux: the worker writes the same with the type dumpd_worker_t
 *                                   (process dyntransition, as of setcon(3))
 *    dumpd (enforce)                AppArmor: it writes "stack dumpd-worker", and has what both profiles
 *                                   allow from then on (as of aa_stack_profile(2))
 *    all else, or none              nothing is written: the handler is not confined by these
 *
 * A process has one thread when it does so: of several SELinux would let one go only into a domain that is
 * bounded by the old one, and AppArmor would change the calling one alone. no_new_privs forbids neither.
 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "handler/isolate.h"

/*
 * Pure. label: as it was read, n bytes. ret: what to write. Return: bytes of that, without the
 * zero at its end; 0: it is none of ours, or too long.
 */
size_t isolate_domain_change(const char *label, size_t n,
			     char ret[ISOLATE_DOMAIN_MAX]) _must_check_;

/* While a file may be opened still; its descriptor is not below `least`. */
void isolate_domain_open(int least, struct isolate_domain *ret);

/*
 * Once, and the descriptor is closed. Return: 0, also where there is nothing to enter; negative errno:
 * it is refused, and nothing has changed.
 */
int isolate_domain_enter(struct isolate_domain *domain) _must_check_;
