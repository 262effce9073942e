/* SPDX-License-Identifier: MIT */
/*
 * si_code: names, and what it gives a meaning. Address and sender against siginfo_layout() of kernel/signal.c.
 */
#include <signal.h>
#include <string.h>

#include "tests/unit/table.h"

#include "filter/signal_code.h"

struct row {
	const char *name; /* and what is expected; "": none */
	uint32_t signal;
	int32_t code;
	bool address, sender;
};

static const struct row rows[] = {
	{ "SEGV_MAPERR", SIGSEGV, 1, true, false },
	{ "SEGV_ACCERR", SIGSEGV, 2, true, false },
	{ "SEGV_PKUERR", SIGSEGV, 4, true, false },
	{ "SEGV_CPERR", SIGSEGV, 10, true, false },
	{ "", SIGSEGV, 11, false, false },
	{ "SI_KERNEL", SIGSEGV, 128, false, false },
	{ "SI_KERNEL", SIGTRAP, 128, false, false },
	{ "SI_USER", SIGSEGV, 0, false, true },
	{ "SI_QUEUE", SIGSEGV, -1, false, true },
	{ "SI_TIMER", SIGSEGV, -2, false, false },
	{ "SI_MESGQ", SIGSEGV, -3, false, true },
	{ "SI_ASYNCIO", SIGSEGV, -4, false, false },
	{ "SI_SIGIO", SIGSEGV, -5, false, false },
	{ "SI_TKILL", SIGABRT, -6, false, true },
	{ "SI_DETHREAD", SIGABRT, -7, false, false },
	{ "", SIGABRT, -8, false, false },
	{ "SI_ASYNCNL", SIGABRT, -60, false, false },
	{ "", SIGABRT, 1, false, false },
	{ "", SIGSEGV, INT32_MIN, false, false },
	{ "", SIGSEGV, INT32_MAX, false, false },
	{ "BUS_ADRALN", SIGBUS, 1, true, false },
	{ "BUS_MCEERR_AO", SIGBUS, 5, true, false },
	{ "", SIGBUS, 6, false, false },
	{ "ILL_ILLOPC", SIGILL, 1, true, false },
	{ "FPE_INTDIV", SIGFPE, 1, true, false },
	{ "FPE_CONDTRAP", SIGFPE, 15, true, false },
	{ "TRAP_PERF", SIGTRAP, 6, true, false },
	{ "SYS_SECCOMP", SIGSYS, 1, false, false },
	{ "SYS_USER_DISPATCH", SIGSYS, 2, false, false },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	const char *name = signal_code_name(row->signal, row->code);

	assert_string_equal(name ? name : "", row->name);
	assert_int_equal(signal_code_has_address(row->signal, row->code), row->address);
	assert_int_equal(signal_code_has_sender(row->signal, row->code), row->sender);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
