/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/table.h"

#define NOTE_SIGINFO 0x53494749
#define NOTE_FILE    0x46494c45

void builder_init(struct core_builder *b, uint16_t machine)
{
	memset(b, 0, sizeof(*b));
	b->machine = machine;
	b->word = machine == EM_386 ? 4 : 8;
}

void builder_done(struct core_builder *b)
{
	free(b->notes.p);
	free(b->loads);
	free(b->files);
	free(b->poked);
	memset(b, 0, sizeof(*b));
}

uint8_t builder_byte(uint64_t address)
{
	uint64_t mixed = (address ^ address >> 12) * UINT64_C(0x9e3779b97f4a7c15);

	return (uint8_t)(mixed >> 56);
}

uint32_t builder_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

void builder_put(uint8_t *p, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

/* Exact while it is small, so that ASan sees a read behind the end; then by doubling. */
static size_t capacity_of(size_t n)
{
	size_t capacity = 1 << 20;

	if (n < capacity)
		return n + 1;
	while (capacity < n + 1)
		capacity *= 2;
	return capacity;
}

static uint8_t *extend(struct built *built, size_t n)
{
	uint8_t *bigger = built->p;

	if (!bigger || capacity_of(built->n + n) != capacity_of(built->n))
		bigger = realloc(built->p, capacity_of(built->n + n));
	assert_non_null(bigger);
	memset(bigger + built->n, 0, n + 1);
	built->p = bigger;
	built->n += n;
	return bigger + built->n - n;
}

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

void builder_note(struct core_builder *b, const char *name, uint32_t type,
		  const void *desc, size_t n)
{
	size_t namesz = strlen(name) + 1;
	uint8_t *p = extend(&b->notes, 12 + align4(namesz) + align4(n));

	builder_put(p, namesz, 4);
	builder_put(p + 4, n, 4);
	builder_put(p + 8, type, 4);
	memcpy(p + 12, name, namesz);
	if (n > 0)
		memcpy(p + 12 + align4(namesz), desc, n);
}

/* Thread pointer of i386: NT_386_TLS has three descriptors, gs names the middle one. */
static void add_gdt(struct core_builder *b, uint64_t tls)
{
	uint8_t desc[48] = { 0 };

	for (unsigned int i = 0; i < 3; i++) {
		builder_put(desc + 16 * i, 12 + i, 4);
		builder_put(desc + 16 * i + 4, i == 1 ? tls : 0xdead0000 + i, 4);
	}
	builder_note(b, "LINUX", NT_386_TLS, desc, sizeof(desc));
}

void builder_thread(struct core_builder *b, uint32_t tid, uint64_t sp, uint64_t pc,
		    uint64_t tls)
{
	const struct machine *m = machine_find(b->machine, b->word);
	uint8_t desc[512] = { 0 }, tpidr[8];

	assert_non_null(m);
	builder_put(desc + m->pid, tid, 4);
	builder_put(desc + m->sp, sp, m->word);
	builder_put(desc + m->pc, pc, m->word);
	if (m->tls_kind == TLS_REGISTER)
		builder_put(desc + m->tls, tls, m->word);
	if (m->tls_kind == TLS_GDT)
		builder_put(desc + m->tls, 13 << 3 | 3, 4);
	builder_note(b, "CORE", NT_PRSTATUS, desc, m->prstatus_size);
	if (m->tls_kind == TLS_GDT)
		add_gdt(b, tls);
	builder_put(tpidr, tls, 8);
	if (m->tls_kind == TLS_NOTE)
		builder_note(b, "LINUX", NT_ARM_TLS, tpidr, sizeof(tpidr));
}

static void put_text(uint8_t *p, const char *text, size_t size)
{
	size_t n = strnlen(text, size);

	memcpy(p, text, n);
}

void builder_psinfo(struct core_builder *b, uint32_t pid, uint32_t uid, const char *comm,
		    const char *arguments)
{
	const struct machine *m = machine_find(b->machine, b->word);
	uint8_t desc[136] = { 0 };

	assert_non_null(m);
	builder_put(desc + m->uid, uid, m->uid_width);
	builder_put(desc + m->psinfo_pid, pid, 4);
	put_text(desc + m->fname, comm, 16);
	put_text(desc + m->psargs, arguments, 80);
	builder_note(b, "CORE", NT_PRPSINFO, desc, m->psargs + 80);
}

void builder_siginfo(struct core_builder *b, uint32_t signal, int32_t code,
		     uint64_t address)
{
	const struct machine *m = machine_find(b->machine, b->word);
	uint8_t desc[128] = { 0 };

	assert_non_null(m);
	builder_put(desc, signal, 4);
	builder_put(desc + 8, (uint32_t)code, 4);
	builder_put(desc + m->siginfo_union, address, m->word);
	builder_note(b, "CORE", NOTE_SIGINFO, desc, sizeof(desc));
}

void builder_auxv(struct core_builder *b, const uint64_t (*pairs)[2], size_t n)
{
	uint8_t desc[1024] = { 0 };

	for (size_t i = 0; i < n; i++) {
		builder_put(desc + 2 * i * b->word, pairs[i][0], b->word);
		builder_put(desc + (2 * i + 1) * b->word, pairs[i][1], b->word);
	}
	builder_note(b, "CORE", NT_AUXV, desc, 2 * (n + 1) * b->word);
}

/* An array with room for one more. */
static void *make_room(void *array, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return array;
	*capacity = *capacity ? *capacity * 2 : 16;
	array = reallocarray(array, *capacity, size);
	assert_non_null(array);
	return array;
}

void builder_load(struct core_builder *b, uint64_t vaddr, uint64_t filesz, uint64_t memsz,
		  uint32_t flags)
{
	b->loads =
		make_room(b->loads, b->load_count, &b->load_capacity, sizeof(*b->loads));
	b->loads[b->load_count++] = (struct segment){
		.type = PT_LOAD,
		.flags = flags,
		.vaddr = vaddr,
		.filesz = filesz,
		.memsz = memsz,
		.align = PAGE,
	};
}

void builder_file(struct core_builder *b, uint64_t start, uint64_t end, uint64_t page,
		  const char *path)
{
	b->files =
		make_room(b->files, b->file_count, &b->file_capacity, sizeof(*b->files));
	b->files[b->file_count++] = (struct file_mapping){
		.start = start,
		.end = end,
		.offset = page,
		.path = { (const uint8_t *)path, strlen(path) },
	};
}

void builder_files(struct core_builder *b)
{
	struct built desc = { NULL, 0 };
	uint8_t *p = extend(&desc, (2 + 3 * b->file_count) * b->word);

	builder_put(p, b->file_count, b->word);
	builder_put(p + b->word, PAGE, b->word);
	for (size_t i = 0; i < b->file_count; i++) {
		const struct file_mapping *f = &b->files[i];

		builder_put(p + (2 + 3 * i) * b->word, f->start, b->word);
		builder_put(p + (3 + 3 * i) * b->word, f->end, b->word);
		builder_put(p + (4 + 3 * i) * b->word, f->offset, b->word);
	}
	for (size_t i = 0; i < b->file_count; i++)
		memcpy(extend(&desc, b->files[i].path.n + 1), b->files[i].path.p,
		       b->files[i].path.n);
	builder_note(b, "CORE", NOTE_FILE, desc.p, desc.n);
	built_done(&desc);
}

static void put_header(const struct core_builder *b, size_t phnum, uint64_t shoff,
		       uint8_t *p)
{
	bool xnum = phnum >= PN_XNUM;

	memcpy(p, ELFMAG, SELFMAG);
	p[EI_CLASS] = b->word == 8 ? ELFCLASS64 : ELFCLASS32;
	p[EI_DATA] = ELFDATA2LSB;
	p[EI_VERSION] = EV_CURRENT;
	builder_put(p + 16, ET_CORE, 2);
	builder_put(p + 18, b->machine, 2);
	builder_put(p + 20, EV_CURRENT, 4);
	builder_put(p + (b->word == 8 ? 52 : 40), elf_header_size(b->word), 2);
	builder_put(p + (b->word == 8 ? 54 : 42), elf_segment_size(b->word), 2);
	elf_header_patch(b->word, p, elf_header_size(b->word),
			 xnum ? PN_XNUM : (uint16_t)phnum, xnum ? shoff : 0);
}

/* The order in which memory goes out: a permutation of the program headers. */
static size_t *make_order(const struct core_builder *b)
{
	size_t *order = calloc(b->load_count + 1, sizeof(*order));
	uint32_t state = b->shuffle;

	assert_non_null(order);
	for (size_t i = 0; i < b->load_count; i++)
		order[i] = i;
	for (size_t i = b->load_count; state && i > 1; i--) {
		size_t j = builder_random(&state) % i, other = order[j];

		order[j] = order[i - 1];
		order[i - 1] = other;
	}
	return order;
}

/* Gives every PT_LOAD its p_offset. Return: where memory ends. */
static uint64_t place(struct core_builder *b, uint64_t start)
{
	_cleanup_free_ size_t *order = make_order(b);

	for (size_t i = 0; i < b->load_count; i++) {
		b->loads[order[i]].offset = start;
		start += b->loads[order[i]].filesz;
	}
	return start;
}

/* Index of the first page at or above an address that a test has set. */
static size_t poked_at(const struct core_builder *b, uint64_t page)
{
	size_t low = 0, high = b->poked_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b->poked[middle].page < page)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The page for an address, as it is without what is set. */
static struct poked *poke_page(struct core_builder *b, uint64_t page)
{
	size_t i = poked_at(b, page);

	if (i < b->poked_count && b->poked[i].page == page)
		return &b->poked[i];
	b->poked = make_room(b->poked, b->poked_count, &b->poked_capacity,
			     sizeof(*b->poked));
	memmove(&b->poked[i + 1], &b->poked[i],
		(b->poked_count++ - i) * sizeof(*b->poked));
	b->poked[i].page = page;
	for (size_t at = 0; at < PAGE; at++)
		b->poked[i].bytes[at] = builder_byte(page + at);
	return &b->poked[i];
}

void builder_poke(struct core_builder *b, uint64_t address, const void *p, size_t n)
{
	const uint8_t *bytes = p;

	while (n > 0) {
		size_t at = address % PAGE, part = PAGE - at < n ? PAGE - at : n;

		memcpy(poke_page(b, page_down(address))->bytes + at, bytes, part);
		address += part;
		bytes += part;
		n -= part;
	}
}

void builder_poke_word(struct core_builder *b, uint64_t address, uint64_t value)
{
	uint8_t raw[8];

	builder_put(raw, value, b->word);
	builder_poke(b, address, raw, b->word);
}

/* A part of one page. */
static void peek_page(const struct core_builder *b, uint64_t address, uint8_t *to,
		      size_t n)
{
	uint64_t page = page_down(address);
	size_t i = poked_at(b, page);

	if (i < b->poked_count && b->poked[i].page == page) {
		memcpy(to, b->poked[i].bytes + (address - page), n);
		return;
	}
	for (size_t at = 0; at < n; at++)
		to[at] = builder_byte(address + at);
}

void builder_peek(const struct core_builder *b, uint64_t address, void *to, size_t n)
{
	uint8_t *p = to;

	while (n > 0) {
		size_t part = PAGE - address % PAGE < n ? PAGE - address % PAGE : n;

		peek_page(b, address, p, part);
		address += part;
		p += part;
		n -= part;
	}
}

static void put_memory(const struct core_builder *b, uint8_t *p)
{
	for (size_t i = 0; i < b->load_count; i++) {
		const struct segment *s = &b->loads[i];

		builder_peek(b, s->vaddr, p + s->offset, s->filesz);
	}
}

static void put_segments(const struct core_builder *b, uint64_t notes_at, uint8_t *p)
{
	const size_t size = elf_segment_size(b->word);
	_cleanup_free_ size_t *order = make_order(b);
	const struct segment note = {
		.type = PT_NOTE,
		.offset = notes_at,
		.filesz = b->notes.n,
	};

	if (!b->without_notes) {
		elf_segment_write(b->word, &note, p);
		p += size;
	}
	for (size_t i = 0; i < b->load_count; i++)
		elf_segment_write(b->word, &b->loads[b->sorted ? order[i] : i],
				  p + i * size);
}

struct built builder_build(struct core_builder *b)
{
	size_t phnum = b->load_count + !b->without_notes;
	size_t table_end = elf_header_size(b->word) + phnum * elf_segment_size(b->word);
	size_t early = b->without_notes || b->notes_late ? 0 : b->notes.n;
	uint64_t end = place(b, page_up(table_end + early));
	uint64_t notes_at = b->notes_late ? end : table_end;
	struct built core = { NULL, 0 };

	if (b->headers_only)
		end = page_up(table_end + early);
	if (b->notes_late && !b->without_notes)
		end += b->notes.n;
	(void)extend(&core, end + (phnum >= PN_XNUM ? elf_section_size(b->word) : 0));
	put_header(b, phnum, end, core.p);
	put_segments(b, notes_at, core.p + elf_header_size(b->word));
	if (b->notes.n && !b->without_notes)
		memcpy(core.p + notes_at, b->notes.p, b->notes.n);
	if (!b->headers_only)
		put_memory(b, core.p);
	if (phnum >= PN_XNUM)
		elf_xnum_write(b->word, (uint32_t)phnum, core.p + end);
	return core;
}

/*
 * Page numbers of the usual program's address space; a 32-bit one has the same, for all of
 * it lies below 2 GiB.
 */
void builder_usual(struct core_builder *b, uint16_t machine)
{
	const uint64_t auxv[][2] = {
		{ AT_SYSINFO_EHDR, 0x70000000 },
		{ AT_ENTRY, 0x10001010 },
		{ AT_RANDOM, 0x7fff3800 },
	};

	builder_init(b, machine);
	builder_thread(b, 1001, 0x60003210, 0x10001234, 0x60007800);
	builder_psinfo(b, 1000, 33, "usual", "usual --with arguments");
	builder_siginfo(b, 11, 1, 0x20002000);
	builder_auxv(b, auxv, ARRAY_SIZE(auxv));
	builder_file(b, 0x10000000, 0x10001000, 0, "/usr/bin/usual");
	builder_file(b, 0x10001000, 0x10004000, 1, "/usr/bin/usual");
	builder_file(b, 0x10004000, 0x10006000, 4, "/usr/bin/usual");
	builder_file(b, 0x30000000, 0x30004000, 0, "/usr/lib/libc.so.6");
	builder_file(b, 0x50000000, 0x50002000, 0, "/dev/zero (deleted)");
	builder_files(b);
	builder_thread(b, 1000, 0x7fff1100, 0x30001000, 0x30009040);
	builder_load(b, 0x10000000, 0x1000, 0x1000, PF_R); /* first page */
	builder_load(b, 0x10001000, 0, 0x3000, PF_R | PF_X); /* text, clean */
	builder_load(b, 0x10004000, 0x2000, 0x2000, PF_R | PF_W); /* .data */
	builder_load(b, 0x10006000, 0x1000, 0x1000, PF_R | PF_W); /* .bss */
	builder_load(b, 0x20000000, 0x80000, 0x80000, PF_R | PF_W); /* heap */
	builder_load(b, 0x30000000, 0x1000, 0x4000, PF_R | PF_X); /* library */
	builder_load(b, 0x30009000, 0x1000, 0x1000, PF_R | PF_W); /* initial TLS */
	builder_load(b, 0x50000000, 0x2000, 0x2000, PF_R | PF_W); /* shared */
	builder_load(b, 0x60000000, 0x48000, 0x48000,
		     PF_R | PF_W); /* stack, then a heap */
	builder_load(b, 0x70000000, 0x2000, 0x2000, PF_R | PF_X); /* vdso */
	builder_load(b, 0x7fff0000, 0x4000, 0x4000, PF_R | PF_W); /* initial stack */
}
