/* SPDX-License-Identifier: MIT */
/*
 * What a signal's si_code means: its name, and which members of siginfo it gives a meaning. The kernel fills
 * a union (siginfo_layout(), kernel/signal.c; names in uapi/asm-generic/siginfo.h); what is no member of
 * this code's is left-over bytes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Of the machines that are known here (uapi/asm-generic/signal.h), as a core has them. */
enum signal_number {
	SIGNAL_ILL = 4,
	SIGNAL_TRAP = 5,
	SIGNAL_BUS = 7,
	SIGNAL_FPE = 8,
	SIGNAL_SEGV = 11,
	SIGNAL_SYS = 31,
};

/* si_code of every signal. */
enum signal_code {
	SIGNAL_CODE_USER = 0,
	SIGNAL_CODE_KERNEL = 0x80,
	SIGNAL_CODE_QUEUE = -1,
	SIGNAL_CODE_TIMER = -2,
	SIGNAL_CODE_MESGQ = -3,
	SIGNAL_CODE_ASYNCIO = -4,
	SIGNAL_CODE_SIGIO = -5,
	SIGNAL_CODE_TKILL = -6,
	SIGNAL_CODE_DETHREAD = -7,
	SIGNAL_CODE_ASYNCNL = -60,
};

/* Of SIGSEGV: nothing is mapped there. */
#define SIGNAL_SEGV_MAPERR 1

/* "SEGV_MAPERR", "SI_USER"; NULL for a code without a name. Static. */
const char *signal_code_name(uint32_t signal, int32_t code);

/* si_addr is one. SI_KERNEL has none, though the bytes are there and are zero. */
bool signal_code_has_address(uint32_t signal, int32_t code);

/*
 * si_pid and si_uid name a sender. They are the kernel's own words where the code is SI_USER or SI_TKILL, which
 * only the process itself, or who traces it, could have made up (do_rt_sigqueueinfo()); all others are a claim.
 */
bool signal_code_has_sender(uint32_t signal, int32_t code);
