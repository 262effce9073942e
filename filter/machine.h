/* SPDX-License-Identifier: MIT */
/*
 * Where each machine keeps what in NT_PRSTATUS and NT_PRPSINFO, and how it lays out a
 * thread's control block. Offsets: struct elf_prstatus of include/linux/elfcore.h with
 * elf_gregset_t of arch/x86 and arch/arm64, asm/elf.h and user_regs_struct of asm/user.h.
 */
#pragma once

#include "filter/bytes.h"

enum machine_tls {
	TLS_NONE,
	TLS_REGISTER, /* a register of NT_PRSTATUS: fs_base */
	TLS_GDT, /* a selector that names an entry of NT_386_TLS */
	TLS_NOTE, /* NT_ARM_TLS: tpidr_el0 */
};

struct machine {
	const char *name;
	uint16_t elf_machine;
	unsigned int word;
	/* NT_PRSTATUS */
	unsigned int prstatus_size, pid, registers, sp, pc;
	enum machine_tls tls_kind;
	unsigned int tls; /* offset of the register or selector */
	bool tls_self; /* the word that the thread pointer points to is itself (psABI, variant II) */
	/* NT_PRPSINFO */
	unsigned int uid, uid_width, psinfo_pid, fname, psargs;
	/* NT_SIGINFO: the union behind the three ints */
	unsigned int siginfo_union;
	/*
	 * Bytes above the thread pointer that belong to the thread: struct pthread of glibc
	 * and musl on x86 (2,304 bytes in glibc 2.36); TLS blocks on aarch64, whose struct
	 * pthread is below.
	 */
	unsigned int above_tls;
	unsigned int red_zone; /* bytes below SP that a leaf may use (psABI) */
	/* Offset of the interrupted SP in the struct ucontext of a signal frame (asm/ucontext.h, asm/sigcontext.h) */
	unsigned int context_sp;
	/*
	 * Bits of a pointer to data that are no address: aarch64 ignores the highest byte, and MTE's
	 * tags are in it (Documentation/arm64/tagged-address-abi.rst).
	 */
	uint64_t tag;
};

/* NULL for a machine that is not known: then only notes and segments are. */
const struct machine *machine_find(uint16_t elf_machine, unsigned int word);
