/* SPDX-License-Identifier: MIT */
#include "filter/goroutine.h"
#include "handler/capture_go_threads.h"

/* Go's linker writes seven. */
#define HEADERS_MAX 32

/*
 * m.tls is within the first 200 bytes of a struct m in Go 1.5 to 1.24, m.procid before it; a word below the thread
 * pointer is g (runtime/sys_linux_amd64.s, clone and settls).
 */
#define M_LOOK 512

/* Words that are looked at to find where it is, of all threads: 2 ms. */
#define LOOKS_MAX 1024

static size_t read_memory(void *context, uint64_t address, void *to, size_t n)
{
	return kernel_writes_read(context, address, to, n);
}

static bool is_foreign(uint32_t type)
{
	return type == PT_INTERP || type == PT_DYNAMIC || type == PT_TLS;
}

bool go_threads_alone(struct kernel_writes *writes)
{
	const struct notes *notes = writes->notes;
	uint64_t address, count, size;
	uint8_t raw[HEADERS_MAX * sizeof(Elf64_Phdr)];
	struct bytes headers = { raw, 0 };

	if (notes->word != 8 || !notes_auxv(notes, AT_PHDR, &address) ||
	    !notes_auxv(notes, AT_PHNUM, &count) || !notes_auxv(notes, AT_PHENT, &size) ||
	    size != sizeof(Elf64_Phdr) || count == 0 || count > HEADERS_MAX)
		return false;
	headers.n = (size_t)count * sizeof(Elf64_Phdr);
	if (kernel_writes_read(writes, address, raw, headers.n) != headers.n)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (is_foreign(bytes_number_or_0(headers, i * sizeof(Elf64_Phdr), 4)))
			return false;
	}
	return true;
}

/* A struct m begins with the pointer to its g0, which has the pointer to its m. */
static bool is_m(const struct view *view, uint64_t address)
{
	struct goroutine g0;
	uint64_t pointer;

	if (!memory_number(view->memory, address, 8, &pointer) ||
	    !space_at(view->space, pointer))
		return false;
	(void)goroutine_read(view, pointer,
			     &g0); /* one that never ran does not name itself */
	return g0.m == address;
}

/* Where the struct m begins that an address is in; all have it in the same place. Return: 0: it is in none. */
static uint64_t find_m(const struct view *view, struct kernel_writes *writes,
		       uint64_t pointer)
{
	if (writes->go_tls && is_m(view, pointer - writes->go_tls))
		return pointer - writes->go_tls;
	for (uint64_t n = 16; n <= M_LOOK && writes->go_looks < LOOKS_MAX; n += 8) {
		writes->go_looks++;
		if (is_m(view, pointer - n)) {
			writes->go_tls = n;
			return pointer - n;
		}
	}
	return 0;
}

/* Between the beginning of its struct m and the thread pointer. */
static bool has_id(struct kernel_writes *writes, uint64_t m, uint64_t pointer,
		   uint32_t tid)
{
	uint8_t raw[M_LOOK];
	struct bytes words = { raw, (size_t)(pointer - m) };

	if (kernel_writes_read(writes, m, raw, words.n) != words.n)
		return false;
	for (size_t i = 0; i < words.n / 8; i++) {
		if (bytes_word(words, i, 8) == tid)
			return true;
	}
	/* it has neither id nor g yet */
	return bytes_word(words, words.n / 8 - 1, 8) == 0;
}

bool go_threads_is(struct kernel_writes *writes, const struct thread *thread)
{
	const struct machine *machine = writes->notes->machine;
	const struct memory memory = { .read = read_memory, .context = writes };
	const struct view view = {
		.notes = writes->notes,
		.space = writes->space,
		.memory = &memory,
	};
	uint64_t m;

	if (!machine || machine->elf_machine != EM_X86_64 || !thread->tid ||
	    thread->tls <= M_LOOK || thread->tls % 8)
		return false;
	m = find_m(&view, writes, thread->tls);
	return m && has_id(writes, m, thread->tls, thread->tid);
}
