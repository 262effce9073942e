/* SPDX-License-Identifier: MIT */
#include <elf.h>

#include "filter/machine.h"

static const struct machine machines[] = {
	{
		.name = "x86-64",
		.elf_machine = EM_X86_64,
		.word = 8,
		.prstatus_size = 336,
		.pid = 32,
		.registers = 112,
		.sp = 112 + 19 * 8,
		.pc = 112 + 16 * 8,
		.tls_kind = TLS_REGISTER,
		.tls = 112 + 21 * 8, /* fs_base */
		.tls_self = true,
		.uid = 16,
		.uid_width = 4,
		.psinfo_pid = 24,
		.fname = 40,
		.psargs = 56,
		.siginfo_union = 16,
		.above_tls = 4096,
		.red_zone = 128,
		.context_sp = 40 + 15 * 8,
	},
	{
		.name = "i386",
		.elf_machine = EM_386,
		.word = 4,
		.prstatus_size = 144,
		.pid = 24,
		.registers = 72,
		.sp = 72 + 15 * 4,
		.pc = 72 + 12 * 4,
		.tls_kind = TLS_GDT,
		.tls = 72 + 10 * 4, /* gs */
		.tls_self = true,
		.uid = 8,
		.uid_width = 2,
		.psinfo_pid = 12,
		.fname = 28,
		.psargs = 44,
		.siginfo_union = 12,
		.above_tls = 4096,
		.red_zone = 0,
		.context_sp = 20 + 7 * 4,
	},
	{
		.name = "aarch64",
		.elf_machine = EM_AARCH64,
		.word = 8,
		.prstatus_size = 392,
		.pid = 32,
		.registers = 112,
		.sp = 112 + 31 * 8,
		.pc = 112 + 32 * 8,
		.tls_kind = TLS_NOTE,
		.tls = 0,
		.uid = 16,
		.uid_width = 4,
		.psinfo_pid = 24,
		.fname = 40,
		.psargs = 56,
		.siginfo_union = 16,
		.above_tls = 16384,
		.red_zone = 0,
		.context_sp = 176 + 32 * 8,
		.tag = UINT64_C(0xff) << 56,
	},
};

const struct machine *machine_find(uint16_t elf_machine, unsigned int word)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		if (machines[i].elf_machine == elf_machine && machines[i].word == word)
			return &machines[i];
	}
	return NULL;
}
