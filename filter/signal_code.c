/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "filter/signal_code.h"

/* The highest code of a signal with an address (sig_sicodes, kernel/signal.c). */
static const struct faults {
	uint32_t signal;
	int32_t most;
} faults[] = {
	{ SIGNAL_ILL, 11 }, { SIGNAL_FPE, 15 }, { SIGNAL_SEGV, 10 },
	{ SIGNAL_BUS, 5 },  { SIGNAL_TRAP, 6 },
};

static const struct code {
	uint32_t signal; /* 0: of every signal */
	int32_t code;
	const char *name;
} codes[] = {
	{ SIGNAL_SEGV, 1, "SEGV_MAPERR" },
	{ SIGNAL_SEGV, 2, "SEGV_ACCERR" },
	{ SIGNAL_SEGV, 3, "SEGV_BNDERR" },
	{ SIGNAL_SEGV, 4, "SEGV_PKUERR" },
	{ SIGNAL_SEGV, 5, "SEGV_ACCADI" },
	{ SIGNAL_SEGV, 6, "SEGV_ADIDERR" },
	{ SIGNAL_SEGV, 7, "SEGV_ADIPERR" },
	{ SIGNAL_SEGV, 8, "SEGV_MTEAERR" },
	{ SIGNAL_SEGV, 9, "SEGV_MTESERR" },
	{ SIGNAL_SEGV, 10, "SEGV_CPERR" },
	{ SIGNAL_BUS, 1, "BUS_ADRALN" },
	{ SIGNAL_BUS, 2, "BUS_ADRERR" },
	{ SIGNAL_BUS, 3, "BUS_OBJERR" },
	{ SIGNAL_BUS, 4, "BUS_MCEERR_AR" },
	{ SIGNAL_BUS, 5, "BUS_MCEERR_AO" },
	{ SIGNAL_ILL, 1, "ILL_ILLOPC" },
	{ SIGNAL_ILL, 2, "ILL_ILLOPN" },
	{ SIGNAL_ILL, 3, "ILL_ILLADR" },
	{ SIGNAL_ILL, 4, "ILL_ILLTRP" },
	{ SIGNAL_ILL, 5, "ILL_PRVOPC" },
	{ SIGNAL_ILL, 6, "ILL_PRVREG" },
	{ SIGNAL_ILL, 7, "ILL_COPROC" },
	{ SIGNAL_ILL, 8, "ILL_BADSTK" },
	{ SIGNAL_ILL, 9, "ILL_BADIADDR" },
	{ SIGNAL_FPE, 1, "FPE_INTDIV" },
	{ SIGNAL_FPE, 2, "FPE_INTOVF" },
	{ SIGNAL_FPE, 3, "FPE_FLTDIV" },
	{ SIGNAL_FPE, 4, "FPE_FLTOVF" },
	{ SIGNAL_FPE, 5, "FPE_FLTUND" },
	{ SIGNAL_FPE, 6, "FPE_FLTRES" },
	{ SIGNAL_FPE, 7, "FPE_FLTINV" },
	{ SIGNAL_FPE, 8, "FPE_FLTSUB" },
	{ SIGNAL_FPE, 14, "FPE_FLTUNK" },
	{ SIGNAL_FPE, 15, "FPE_CONDTRAP" },
	{ SIGNAL_TRAP, 1, "TRAP_BRKPT" },
	{ SIGNAL_TRAP, 2, "TRAP_TRACE" },
	{ SIGNAL_TRAP, 3, "TRAP_BRANCH" },
	{ SIGNAL_TRAP, 4, "TRAP_HWBKPT" },
	{ SIGNAL_TRAP, 5, "TRAP_UNK" },
	{ SIGNAL_TRAP, 6, "TRAP_PERF" },
	{ SIGNAL_SYS, 1, "SYS_SECCOMP" },
	{ SIGNAL_SYS, 2, "SYS_USER_DISPATCH" },
	{ 0, SIGNAL_CODE_KERNEL, "SI_KERNEL" },
	{ 0, SIGNAL_CODE_USER, "SI_USER" },
	{ 0, SIGNAL_CODE_QUEUE, "SI_QUEUE" },
	{ 0, SIGNAL_CODE_TIMER, "SI_TIMER" },
	{ 0, SIGNAL_CODE_MESGQ, "SI_MESGQ" },
	{ 0, SIGNAL_CODE_ASYNCIO, "SI_ASYNCIO" },
	{ 0, SIGNAL_CODE_SIGIO, "SI_SIGIO" },
	{ 0, SIGNAL_CODE_TKILL, "SI_TKILL" },
	{ 0, SIGNAL_CODE_DETHREAD, "SI_DETHREAD" },
	{ 0, SIGNAL_CODE_ASYNCNL, "SI_ASYNCNL" },
};

const char *signal_code_name(uint32_t signal, int32_t code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code == code &&
		    (codes[i].signal == signal || codes[i].signal == 0))
			return codes[i].name;
	}
	return NULL;
}

bool signal_code_has_address(uint32_t signal, int32_t code)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (faults[i].signal == signal)
			return code > 0 && code <= faults[i].most;
	}
	return false;
}

bool signal_code_has_sender(uint32_t signal, int32_t code)
{
	(void)signal; /* of SIGCHLD si_pid is the child, but no SIGCHLD dumps core */
	return code == SIGNAL_CODE_USER || code == SIGNAL_CODE_TKILL ||
	       code == SIGNAL_CODE_QUEUE || code == SIGNAL_CODE_MESGQ;
}
