/* SPDX-License-Identifier: MIT */
/*
 * What the kernel wrote about the process into PT_NOTE: NT_PRSTATUS and what follows it per
 * thread (crashing thread first), NT_PRPSINFO, NT_SIGINFO, NT_AUXV, NT_FILE (binfmt_elf.c,
 * write_note_info). The kernel wrote it for this very process, so no PID can be mistaken;
 * names and arguments in it are the program's own bytes, and ids count in its namespaces.
 *
 * A broken note ends the reading, what came before it stays.
 */
#pragma once

#include "filter/elf.h"
#include "filter/machine.h"

struct note {
	struct bytes name; /* without the NUL */
	uint32_t type;
	struct bytes desc;
};

/*
 * The note at *at, which moves behind it. Return: false at the end or at a broken note, and
 * then *at == notes.n only if all was well.
 */
bool note_next(struct bytes notes, size_t *at, struct note *ret);
bool note_is(const struct note *note, const char *name, uint32_t type);

struct thread {
	uint32_t tid; /* in the PID namespace of the process */
	uint64_t sp;
	uint64_t pc;
	uint64_t tls; /* thread pointer (fs_base, gs base, tpidr_el0); 0: unknown */
	struct bytes
		prstatus; /* whole notes: general, floating point, extended registers */
	struct bytes fpregset;
	struct bytes xstate;
};

/* One mapping of a file, NT_FILE. */
struct file_mapping {
	uint64_t start, end;
	uint64_t offset; /* bytes */
	struct bytes path; /* any bytes but NUL */
};

struct notes {
	unsigned int word; /* bytes of an address, as struct elf_header */
	const struct machine *machine; /* NULL: threads, psinfo, siginfo are not read */
	/*
	 * Bits of a pointer that are no address: the machine's tag, and the signature of a return
	 * address (NT_ARM_PAC_MASK).
	 */
	uint64_t no_address;
	struct thread *threads;
	size_t thread_count;
	struct file_mapping *files; /* by address, as the kernel writes them */
	size_t file_count;
	bool has_files; /* NT_FILE was there (the kernel drops a large one) */
	bool broken; /* a note ends beyond the end, or an allocation failed */

	struct bytes fname; /* comm of the first thread */
	struct bytes psargs; /* first 79 bytes of the command line */
	bool has_psinfo;
	uint64_t uid, pid; /* in the namespaces of the process */

	bool has_siginfo;
	uint32_t signal;
	int32_t signal_code;
	/* The members of a union: filter/signal_code.h says which of them mean something. */
	uint64_t fault_address; /* si_addr */
	int32_t sender_pid; /* si_pid, in the PID namespace of the process */
	uint32_t sender_uid; /* si_uid, in its user namespace */

	struct bytes auxv;
};

void notes_read(const struct elf_header *header, struct bytes bytes, struct notes *ret);
void notes_done(struct notes *notes);

/* Value of an AT_* entry; false if there is none. */
bool notes_auxv(const struct notes *notes, uint64_t type, uint64_t *ret);

/* The address that a pointer of the process has in it. */
static inline uint64_t notes_address(const struct notes *notes, uint64_t pointer)
{
	return pointer & ~notes->no_address;
}

/* The file mapping that holds an address, or NULL. */
const struct file_mapping *notes_file_at(const struct notes *notes, uint64_t address);
