/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "filter/notes.h"

/*
 * Threads beyond this are not looked at; the plan then keeps their memory by size only.
 * The kernel's own bound is 4,194,304 (PID_MAX_LIMIT).
 */
#define THREADS_MAX 4194304

/* Of a return address, with the 36 bits of address that arm64 has at least: bits 36 to 54. */
#define SIGNATURE_MAX UINT64_C(0x007ffff000000000)

#define ALIGN4(n) (((uint64_t)(n) + 3) & ~(uint64_t)3)

bool note_next(struct bytes notes, size_t *at, struct note *ret)
{
	uint64_t namesz, descsz, type, desc_at, end;

	if (!bytes_number(notes, *at, 4, &namesz) ||
	    !bytes_number(notes, *at + 4, 4, &descsz) ||
	    !bytes_number(notes, *at + 8, 4, &type))
		return false;
	desc_at = *at + 12 + ALIGN4(namesz);
	end = desc_at + descsz; /* three 32-bit numbers: no overflow */
	ret->name = bytes_part(notes, *at + 12, namesz);
	ret->desc = bytes_part(notes, desc_at, descsz);
	ret->type = (uint32_t)type;
	if (!ret->name.p || !ret->desc.p)
		return false;
	if (ret->name.n > 0 && ret->name.p[ret->name.n - 1] == '\0')
		ret->name.n--;
	end = ALIGN4(end);
	*at = end < notes.n ? (size_t)end : notes.n;
	return true;
}

bool note_is(const struct note *note, const char *name, uint32_t type)
{
	return note->type == type && note->name.n == strlen(name) &&
	       memcmp(note->name.p, name, note->name.n) == 0;
}

/* Text in a field of fixed size: up to the NUL. */
static struct bytes text_field(struct bytes b, uint64_t offset, size_t size)
{
	struct bytes field = bytes_part(b, offset, size);

	if (field.p)
		field.n = strnlen((const char *)field.p, field.n);
	return field;
}

/* Room for one more, by doubling. */
static void *grow(void *array, size_t count, size_t size)
{
	if (count & (count - 1)) /* not a power of two: there is room */
		return array;
	return reallocarray(array, count ? count * 2 : 1, size);
}

static void read_prstatus(struct notes *notes, struct bytes desc)
{
	const struct machine *m = notes->machine;
	struct thread *threads;
	struct thread *t;

	if (!m || desc.n < m->prstatus_size || notes->thread_count >= THREADS_MAX)
		return;
	threads = grow(notes->threads, notes->thread_count, sizeof(*threads));
	if (!threads) {
		notes->broken = true;
		return;
	}
	notes->threads = threads;
	t = &threads[notes->thread_count++];
	memset(t, 0, sizeof(*t));
	t->prstatus = desc;
	t->tid = (uint32_t)bytes_number_or_0(desc, m->pid, 4);
	t->sp = bytes_number_or_0(desc, m->sp, m->word);
	t->pc = bytes_number_or_0(desc, m->pc, m->word);
	if (m->tls_kind == TLS_REGISTER)
		t->tls = bytes_number_or_0(desc, m->tls, m->word);
}

/* The thread whose NT_PRSTATUS came last: what follows is about it. */
static struct thread *last_thread(struct notes *notes)
{
	return notes->thread_count ? &notes->threads[notes->thread_count - 1] : NULL;
}

/*
 * NT_386_TLS: struct user_desc {entry_number, base_addr, limit, flags}, three of them, after
 * the thread's NT_PRSTATUS.
 */
static void read_gdt(struct notes *notes, struct bytes desc)
{
	struct thread *t = last_thread(notes);
	uint64_t selected, entry = 0;

	if (!t || notes->machine->tls_kind != TLS_GDT)
		return;
	selected = bytes_number_or_0(t->prstatus, notes->machine->tls, 2) >> 3;
	for (size_t at = 0; bytes_number(desc, at, 4, &entry); at += 16) {
		if (entry == selected)
			t->tls = bytes_number_or_0(desc, at + 4, 4);
	}
}

static void read_arm_tls(struct notes *notes, struct bytes desc)
{
	struct thread *t = last_thread(notes);

	if (t && notes->machine->tls_kind == TLS_NOTE)
		t->tls = bytes_number_or_0(desc, 0, 8);
}

/* struct user_pac_mask {data_mask, insn_mask} (arch/arm64, uapi/asm/ptrace.h). */
static void read_pac_mask(struct notes *notes, struct bytes desc)
{
	if (notes->machine && notes->machine->elf_machine == EM_AARCH64)
		notes->no_address |= bytes_number_or_0(desc, 8, 8) & SIGNATURE_MAX;
}

static void read_fpregset(struct notes *notes, struct bytes desc)
{
	struct thread *t = last_thread(notes);

	if (t)
		t->fpregset = desc;
}

static void read_xstate(struct notes *notes, struct bytes desc)
{
	struct thread *t = last_thread(notes);

	if (t)
		t->xstate = desc;
}

static void read_psinfo(struct notes *notes, struct bytes desc)
{
	const struct machine *m = notes->machine;

	if (!m)
		return;
	notes->has_psinfo = true;
	notes->uid = bytes_number_or_0(desc, m->uid, m->uid_width);
	notes->pid = bytes_number_or_0(desc, m->psinfo_pid, 4);
	notes->fname = text_field(desc, m->fname, 16);
	notes->psargs = text_field(desc, m->psargs, 80);
}

static void read_siginfo(struct notes *notes, struct bytes desc)
{
	const struct machine *m = notes->machine;

	if (!m || desc.n < m->siginfo_union + m->word)
		return;
	notes->has_siginfo = true;
	notes->signal = (uint32_t)bytes_number_or_0(desc, 0, 4);
	notes->signal_code = (int32_t)bytes_number_or_0(desc, 8, 4);
	notes->fault_address = bytes_number_or_0(desc, m->siginfo_union, m->word);
	notes->sender_pid = (int32_t)bytes_number_or_0(desc, m->siginfo_union, 4);
	notes->sender_uid = (uint32_t)bytes_number_or_0(desc, m->siginfo_union + 4, 4);
}

/* Names follow the table in the same order, each ended by a NUL. */
static void read_file_names(struct notes *notes, struct bytes names)
{
	for (size_t i = 0; i < notes->file_count; i++) {
		const uint8_t *nul = names.n ? memchr(names.p, '\0', names.n) : NULL;

		if (!nul) {
			notes->broken = true;
			notes->file_count = i;
			return;
		}
		notes->files[i].path = (struct bytes){ names.p, (size_t)(nul - names.p) };
		names.n -= notes->files[i].path.n + 1;
		names.p = nul + 1;
	}
}

/* NT_FILE: count, page size, count times {start, end, offset in pages}, names. */
static void read_files(struct notes *notes, struct bytes desc)
{
	const size_t word = notes->word;
	uint64_t count = 0, page_size = 0, table = 0;

	if (notes->has_files || !bytes_number(desc, 0, word, &count) ||
	    !bytes_number(desc, word, word, &page_size) ||
	    __builtin_mul_overflow(count, 3 * word, &table) ||
	    table > desc.n - 2 * word) {
		notes->broken = true;
		return;
	}
	notes->files = calloc((size_t)count + 1, sizeof(*notes->files));
	if (!notes->files) {
		notes->broken = true;
		return;
	}
	notes->has_files = true;
	notes->file_count = (size_t)count;
	for (size_t i = 0; i < count; i++) {
		struct file_mapping *f = &notes->files[i];
		uint64_t at = 2 * word + i * 3 * word, pages;

		f->start = bytes_number_or_0(desc, at, word);
		f->end = bytes_number_or_0(desc, at + word, word);
		pages = bytes_number_or_0(desc, at + 2 * word, word);
		if (__builtin_mul_overflow(pages, page_size, &f->offset))
			f->offset = 0;
	}
	read_file_names(notes,
			bytes_part(desc, 2 * word + table, desc.n - 2 * word - table));
}

static void read_auxv(struct notes *notes, struct bytes desc)
{
	notes->auxv = desc;
}

struct note_reader {
	const char *name;
	uint32_t type;
	void (*read)(struct notes *notes, struct bytes desc);
};

static const struct note_reader readers[] = {
	{ "CORE", NT_PRSTATUS, read_prstatus },
	{ "LINUX", NT_386_TLS, read_gdt },
	{ "LINUX", NT_ARM_TLS, read_arm_tls },
	{ "CORE", NT_FPREGSET, read_fpregset },
	{ "LINUX", NT_X86_XSTATE, read_xstate },
	{ "CORE", NT_PRPSINFO, read_psinfo },
	{ "CORE", NT_SIGINFO, read_siginfo },
	{ "CORE", NT_FILE, read_files },
	{ "CORE", NT_AUXV, read_auxv },
	{ "LINUX", NT_ARM_PAC_MASK, read_pac_mask },
};

static void read_note(struct notes *notes, const struct note *note)
{
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (note_is(note, readers[i].name, readers[i].type))
			readers[i].read(notes, note->desc);
	}
}

void notes_read(const struct elf_header *header, struct bytes bytes, struct notes *ret)
{
	struct note note;
	size_t at = 0;

	memset(ret, 0, sizeof(*ret));
	ret->word = header->word;
	ret->machine = machine_find(header->machine, header->word);
	ret->no_address = ret->machine ? ret->machine->tag : 0;
	while (note_next(bytes, &at, &note))
		read_note(ret, &note);
	if (at != bytes.n)
		ret->broken = true;
}

void notes_done(struct notes *notes)
{
	free(notes->threads);
	free(notes->files);
	memset(notes, 0, sizeof(*notes));
}

bool notes_auxv(const struct notes *notes, uint64_t type, uint64_t *ret)
{
	const size_t word = notes->word;
	uint64_t key;

	for (size_t at = 0; bytes_number(notes->auxv, at, word, &key); at += 2 * word) {
		if (key == AT_NULL)
			return false;
		if (key == type)
			return bytes_number(notes->auxv, at + word, word, ret);
	}
	return false;
}

const struct file_mapping *notes_file_at(const struct notes *notes, uint64_t address)
{
	size_t low = 0, high = notes->file_count;

	/* the kernel walks the mappings by address, so its table is sorted */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address >= notes->files[middle].end)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < notes->file_count && address >= notes->files[low].start &&
	    address < notes->files[low].end)
		return &notes->files[low];
	return NULL;
}
