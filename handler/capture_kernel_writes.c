/* SPDX-License-Identifier: MIT */
#include <linux/futex.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "handler/capture_go_threads.h"
#include "handler/capture_kernel_writes.h"

/* struct pthread of glibc 2.41 on x86-64 and of those before; musl's has 200 bytes. */
#define STRUCTURE 2304

/* Of all lists together, as many as the kernel follows in one (ROBUST_LIST_LIMIT): 2 ms. */
#define ENTRIES_MAX ROBUST_LIST_LIMIT

/* Not in all headers: linux/elf.h of Linux 6.6 and 6.13. */
#define NOTE_X86_SHADOW_STACK 0x204
#define NOTE_ARM_GCS	      0x410
#define ARM_GCS_ENABLED	      1u

/* All pages of [start, end) up to the first that does not exist. Return: their end. */
static uint64_t existing_end(struct kernel_writes *writes, uint64_t start, uint64_t end)
{
	uint64_t page = writes->pagemap.page_size, at = start;

	while (at < end && pagemap_exists(&writes->pagemap, at))
		at = (at / page + 1) * page;
	return at < end ? at : end;
}

/* Bytes of [start, end), fewer where pages do not exist. Return: bytes. */
static size_t read_some(struct kernel_writes *writes, uint64_t start, uint64_t end,
			uint8_t *to)
{
	ssize_t got;

	end = existing_end(writes, start, end);
	if (end <= start)
		return 0;
	got = io_pread(writes->mem_fd, to, (size_t)(end - start), start);
	return got > 0 ? (size_t)got : 0;
}

size_t kernel_writes_read(struct kernel_writes *writes, uint64_t address, uint8_t *to,
			  size_t n)
{
	const struct area *area = space_at(writes->space, address);

	if (!area)
		return 0;
	if (n > area->end - address)
		n = (size_t)(area->end - address);
	return read_some(writes, address, address + n, to);
}

/* What the core does not have is not laid over anything. */
static void lay(struct kernel_writes *writes, const struct area *area, uint64_t address,
		const uint8_t *p, size_t n)
{
	if (address + n <= area->content_end)
		overlay_add_bytes(writes->overlay,
				  area->segment->offset + (address - area->start), p, n);
}

static bool has_word(struct bytes b, uint32_t word)
{
	for (size_t i = 0; i < b.n / 4; i++) {
		if (bytes_word(b, i, 4) == word)
			return true;
	}
	return false;
}

/*
 * The structure begins at the thread pointer on x86 (ELF TLS, variant II) and ends there elsewhere. The other
 * side has variables of the program, of which one may well be its id.
 */
static bool add_thread(struct kernel_writes *writes, const struct thread *thread)
{
	const struct machine *machine = writes->notes->machine;
	uint64_t pointer = notes_address(writes->notes, thread->tls), start = pointer;
	const struct area *area;
	uint8_t raw[STRUCTURE];
	uint64_t end = pointer;
	struct bytes found = { raw, 0 };

	if (!machine || pointer <= STRUCTURE || pointer % 4)
		return false;
	if (machine->tls_self)
		end += STRUCTURE;
	else
		start -= STRUCTURE;
	area = space_at(writes->space, machine->tls_self ? start : end - 1);
	if (!area)
		return false;
	start = start > area->start ? start : area->start;
	end = end < area->content_end ? end : area->content_end;
	found.n = read_some(writes, start, end, raw);
	lay(writes, area, start, raw, found.n);
	return has_word(found, thread->tid);
}

size_t kernel_writes_threads(struct kernel_writes *writes)
{
	bool alone = go_threads_alone(writes);
	size_t unknown = 0;

	for (size_t i = 0; i < writes->notes->thread_count; i++) {
		const struct thread *thread = &writes->notes->threads[i];

		unknown += !add_thread(writes, thread) &&
			   !(alone && go_threads_is(writes, thread));
	}
	return unknown;
}

/*
 * n bytes. Return: 1; 0: there is no memory, for the kernel neither; -1: it is there, and cannot be
 * looked at.
 */
static int read_all(struct kernel_writes *writes, uint64_t address, uint8_t *to, size_t n)
{
	const struct area *area = space_at(writes->space, address);

	if (!area || area->end - address < n)
		return 0;
	return read_some(writes, address, address + n, to) == n ? 1 : -1;
}

/* Return: as read_all(). */
static int add_word(struct kernel_writes *writes, uint64_t address)
{
	uint8_t word[4];
	int r = read_all(writes, address, word, sizeof(word));

	if (r == 1)
		lay(writes, space_at(writes->space, address), address, word,
		    sizeof(word));
	return r;
}

/* A pointer of a list; bit 0 is no part of it: that futex has priorities. Return: as read_all(). */
static int read_pointer(struct kernel_writes *writes, uint64_t address, uint64_t *ret)
{
	uint8_t raw[8];
	int r = read_all(writes, address, raw, sizeof(raw));

	if (r == 1)
		*ret = bytes_word((struct bytes){ raw, sizeof(raw) }, 0, 8) &
		       ~UINT64_C(1);
	return r;
}

/* struct robust_list_head: {next, futex_offset, list_op_pending}. Return: as read_all(). */
static int read_head(struct kernel_writes *writes, uint64_t head, uint64_t *ret_next,
		     uint64_t *ret_offset, uint64_t *ret_pending)
{
	uint8_t raw[24];
	const struct bytes b = { raw, sizeof(raw) };
	int r = read_all(writes, head, raw, sizeof(raw));

	if (r == 1) {
		*ret_next = bytes_word(b, 0, 8) & ~UINT64_C(1);
		*ret_offset = bytes_word(b, 1, 8);
		*ret_pending = bytes_word(b, 2, 8) & ~UINT64_C(1);
	}
	return r;
}

/* left: entries that may be looked at. Return: false: a word may be missing. */
static bool add_list(struct kernel_writes *writes, uint64_t head, unsigned int *left)
{
	uint64_t entry, offset, pending;
	int r = read_head(writes, head, &entry, &offset, &pending);

	if (r <= 0)
		return r == 0;
	if (pending && add_word(writes, pending + offset) < 0)
		return false;
	while (r == 1 && entry != head) {
		if ((*left)-- == 0 || add_word(writes, entry + offset) < 0)
			return false;
		r = read_pointer(writes, entry, &entry);
	}
	return r >= 0;
}

bool kernel_writes_robust(struct kernel_writes *writes,
			  const struct process_robust *robust)
{
	unsigned int left = ENTRIES_MAX;

	for (size_t i = 0; i < robust->count; i++) {
		if (!add_list(writes, robust->heads[i], &left))
			return false;
	}
	return robust->known;
}

/* asm/ptrace.h of arm64, struct user_gcs: what is enabled comes first. */
static bool is_in_use(const struct note *note)
{
	if (note_is(note, "LINUX", NOTE_X86_SHADOW_STACK))
		return true;
	return note_is(note, "LINUX", NOTE_ARM_GCS) &&
	       (bytes_number_or_0(note->desc, 0, 8) & ARM_GCS_ENABLED);
}

bool kernel_writes_shadow_stacks(struct bytes notes)
{
	struct note note;
	size_t at = 0;

	while (note_next(notes, &at, &note)) {
		if (is_in_use(&note))
			return true;
	}
	return false;
}
