/* SPDX-License-Identifier: MIT */
/*
 * What the corpora of tests/corpus begin with: built cores, dumps and texts, and what becomes of real
 * ones. A program for tests/fuzz/corpus:
 *
 *   fuzz-seeds DIR [FILE...]    DIR/TARGET/NAME; FILE: a core, or a stored dump
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/dumps.h"
#include "tests/unit/table.h"

#include "base/io.h"
#include "store/memory_map.h"

/* Longer ones find nothing sooner. */
#define SEED_MAX 65536
#define FILE_MAX (64u << 20)

static const char *directory;
static unsigned int number;

static void seed(const char *target, const void *head, size_t head_n, const void *p,
		 size_t n)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_file_ FILE *file = NULL;

	if (n > SEED_MAX - head_n)
		n = SEED_MAX - head_n;
	assert_true(asprintf(&path, "%s/%s", directory, target) > 0);
	(void)mkdir(path, 0777); /* it may be there */
	free(path);
	assert_true(asprintf(&path, "%s/%s/seed-%03u", directory, target, number++) > 0);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(head, 1, head_n, file), head_n);
	assert_int_equal(fwrite(p, 1, n, file), n);
}

/* 12 bytes of choices: window and hints, a limit, ranks and a budget; see fuzz_header.c. */
static void seed_header(const uint8_t *p, size_t n)
{
	static const uint8_t choices[][12] = {
		{ 1, 0, 0, 0, 3, 0, 0, 0xfe, 0x0f, 0xff, 0xff, 0xff },
		{ 2, 0, 0, 0, 7, 0, 2, 0x7e, 0, 0, 0x40, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(choices); i++)
		seed("header", choices[i], sizeof(choices[i]), p, n);
}

/* 2 bytes of choices: machine, and the width of a word; see fuzz_notes.c. */
static void seed_notes(uint16_t machine, struct bytes notes)
{
	const uint8_t choices[2] = { machine == EM_386	     ? 1 | 4
				     : machine == EM_AARCH64 ? 2
							     : 0,
				     0 };

	seed("notes", choices, sizeof(choices), notes.p, notes.n);
}

static void seed_core(const struct built *file)
{
	struct core core;

	core_init(&core);
	assert_int_equal(built_feed(file, file->n, &core), 1);
	seed_header(file->p, core.size > SEED_MAX ? core.header_bytes.n : file->n);
	if (core.notes.n)
		seed_notes(core.header.machine, core.notes);
	core_done(&core);
}

static void seed_built(struct core_builder *b)
{
	struct built file = builder_build(b);

	seed_core(&file);
	built_done(&file);
	builder_done(b);
}

static void seed_cores(void)
{
	static const uint16_t machines[] = { EM_X86_64, EM_386, EM_AARCH64 };
	struct core_builder b;

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		for (int form = 0; form < 4; form++) {
			builder_usual(&b, machines[i]);
			b.shuffle = form == 1 ? 5 : 0;
			b.notes_late = form == 2;
			b.headers_only = form == 3;
			seed_built(&b);
		}
		builder_init(&b, machines[i]);
		builder_thread(&b, 1, 0x11000, 0x10000, 0x10800);
		builder_load(&b, 0x10000, PAGE, 2 * PAGE, PF_R | PF_W);
		seed_built(&b);
	}
}

static void seed_names(void)
{
	static const char *const lines[] = {
		"core.%e.%u.%B.%P.%T\n1234\n11\nsleep\n-d1\n-u1000\n-g1000\n-c0\n-t1700000000\n-I1234\n-F3",
		"%h.%E.%f.%%.%s.%c.%t.%i\n1\n6\n-d1\n-d2\n-u\n-c18446744073709551615",
		"../%e\n4194304\nx\na/b\\c%41 \xff\n-I5",
		"x\n--config=/etc/x\n7\n9\ncomm\n-F2147483648",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		_cleanup_free_ char *text = strdup(lines[i]);
		size_t n = strlen(lines[i]);

		assert_non_null(text);
		for (char *p = text; *p; p++)
			*p = *p == '\n' ? '\1' : *p;
		for (size_t at = 0; at < n; at++)
			text[at] = text[at] == '\1' ? '\0' : text[at];
		seed("name", text, n, "", 0);
	}
}

static void seed_configs(void)
{
	static const char subject[] =
		"/opt/x/bin/y (deleted)\0cache.service\0/system.slice/a\0stacks";
	static const char *const files[] = {
		"[Dump]\nType=full\nDirectory=/d\nNameTemplate=%e\nCompressionLevel=19\n"
		"MaxSize=infinity\nCoreLimit=ignore\nStoreEnvironment=yes\nBudget=1M\n"
		"Ranks=rest crash\nKeep=\"a b\" c\nDrop=/d*\nMappingMax=1K\n"
		"AskTypes=no\nSpoolMax=0\nDeadline=2min\nReleaseEarly=no\n",
		"\xef\xbb\xbf[Executable \"/opt/x/*\"]\r\nType=heap ; why\r\n[Unit \"cache*\"]\n"
		"Budget=3G\n[Cgroup \"/system.slice/?\"]\nKeep=\n[User \"root\"]\nType=none\n"
		"[User \"0\"]\nMaxSize=1.5G\n",
		"Tpye=mini\n[Dmup]\nx\n[Dump]\nTpye=mini\nType=\nKeep=\"\n[Executable \"\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		seed("config", subject, sizeof(subject), files[i], strlen(files[i]));
}

static void put16(uint8_t *p, size_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

/* A dump in parts: choices, record, map, core; see fuzz_open.c. */
static void seed_parts(const char *json, const uint8_t *map, size_t map_n,
		       const void *core, size_t core_n)
{
	size_t json_n = strlen(json), n = 1 + 2 + json_n + 2 + map_n;
	_cleanup_free_ uint8_t *p = malloc(n);

	assert_non_null(p);
	p[0] = 1;
	put16(p + 1, json_n);
	memcpy(p + 3, json, json_n);
	put16(p + 3 + json_n, map_n);
	memcpy(p + 5 + json_n, map, map_n);
	seed("open", p, n, core, core_n);
}

static void seed_opens(void)
{
	static const struct memory_map_range ranges[] = {
		{ 0x1000, 0x3000, "kept", "crash", "[stack]", 7, MEMORY_MAP_READ },
		{ 0x3000, 0x4000, "type", "rest", "/bin/x", 6, MEMORY_MAP_FIRST },
		{ 0x8000, 0x9000, "kept", "crash", NULL, 0, 0 },
	};
	_cleanup_memory_map_ struct memory_map map = { 0 };
	_cleanup_free_ uint8_t *bytes = NULL;
	_cleanup_made_ struct made made;
	uint8_t core[SMALL_SIZE];
	const uint8_t whole = 0;
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		assert_int_equal(memory_map_add(&map, &ranges[i]), 0);
	assert_int_equal(memory_map_encode(&map, &bytes, &n), 0);
	small_core(core);
	seed_parts(SMALL_RECORD "\"size_dump\":1000}", bytes, n, core, 1000);
	seed_parts("{\"size_dump\":5,\"comm\":\"\\\\x1b\"}", bytes, n, "hello", 5);
	seed_parts("{\"size_dump\":0}", bytes, 0, "", 0);
	small_dump(&made, SMALL_RECORD, SMALL_SIZE);
	seed("open", &whole, 1, made.bytes, made.n);
}

/* What is said of the crash in stored seeds; their sizes are put in by the first change. */
#define STORED_RECORD                                                                  \
	SMALL_RECORD                                                                   \
	"\"tid\":43,\"gid\":0,\"signal_code\":1,\"code_name\":\"SEGV_MAPERR\","        \
	"\"fault_address\":\"0x20002000\",\"fault\":\"stack-overflow\","               \
	"\"thread_name\":\"w\",\"cmdline\":\"small -x\",\"arguments\":[\"small\","     \
	"\"-x\"],\"unit\":\"x.service\",\"cgroup\":\"/system.slice/x.service\","       \
	"\"type\":\"full\",\"threads\":2,\"arch\":\"x86-64\",\"reason\":\"a\\nb\","    \
	"\"texts\":\"assertion failed\",\"release\":\"held\",\"access\":\"owner\","    \
	"\"size_core\":70000,\"held\":1500,\"duration\":2500,\"build_id\":\"abcdef\"," \
	"\"modules\":\"abcdef 10000000 /bin/x\\nunread 30000000 /lib/y\\n2 more\","

/* A range of the drop map for what a program header has, and one for what it has not. */
static void map_segment(struct memory_map *map, const struct segment *s)
{
	const char *name = s->flags & PF_W ? "[stack]" : "/usr/bin/usual";
	struct memory_map_range range = {
		.start = s->vaddr,
		.end = s->vaddr + s->filesz,
		.fate = "kept",
		.rank = "crash",
		.name = name,
		.name_size = strlen(name),
		.flags = (uint8_t)(s->flags & 7) | MEMORY_MAP_FIRST,
	};

	if (s->type != PT_LOAD)
		return;
	if (range.end > range.start)
		assert_int_equal(memory_map_add(map, &range), 0);
	range.start = range.end;
	range.end = s->vaddr + s->memsz;
	range.fate = "file";
	if (range.end > range.start)
		assert_int_equal(memory_map_add(map, &range), 0);
}

static void add_map(struct made *made, const struct core *core)
{
	_cleanup_memory_map_ struct memory_map map = { 0 };
	_cleanup_free_ uint8_t *bytes = NULL;
	_cleanup_free_ uint8_t *packed = NULL;
	size_t n, bound;

	for (size_t i = 0; i < core->count; i++)
		map_segment(&map, &core->segments[i]);
	assert_int_equal(memory_map_encode(&map, &bytes, &n), 0);
	bound = ZSTD_compressBound(n);
	packed = malloc(bound);
	assert_non_null(packed);
	n = ZSTD_compress(packed, bound, bytes, n, 1);
	assert_false(ZSTD_isError(n));
	made_payload(made, FRAME_MAP_MAGIC, packed, n);
}

/* The frames of store/frame.h, around a built core. */
static void seed_stored(struct core_builder *b, bool with_map)
{
	struct built file = builder_build(b);
	_cleanup_made_ struct made made = { 0 };
	_cleanup_free_ char *json = NULL;
	struct core core;

	core_init(&core);
	assert_int_equal(built_feed(&file, file.n, &core), 1);
	assert_true(asprintf(&json, STORED_RECORD "\"size_dump\":%zu}", file.n) > 0);
	made_text_record(&made, json);
	made_memory(&made, file.p, core.header_bytes.n);
	made_skippable(&made, 56, 56);
	for (size_t at = core.header_bytes.n, n; at < file.n; at += n) {
		n = file.n - at < 5 * PAGE ? file.n - at : 5 * PAGE;
		made_memory(&made, file.p + at, n);
	}
	if (with_map)
		add_map(&made, &core);
	made_table(&made);
	assert_true(made.n <= SEED_MAX);
	seed("stored", "", 0, made.bytes, made.n);
	core_done(&core);
	built_done(&file);
	builder_done(b);
}

/* As builder_usual(), with less memory: each of its bytes takes time in a seed. */
static void build_stored(struct core_builder *b, uint16_t machine)
{
	builder_init(b, machine);
	builder_thread(b, 1001, 0x60003210, 0x10001234, 0x60003800);
	builder_psinfo(b, 1000, 33, "usual", "usual --with arguments");
	builder_siginfo(b, 11, 1, 0x20002000);
	builder_auxv(b, (const uint64_t[][2]){ { AT_ENTRY, 0x10001010 } }, 1);
	builder_file(b, 0x10000000, 0x10001000, 0, "/usr/bin/usual");
	builder_file(b, 0x10001000, 0x10004000, 1, "/usr/bin/usual");
	builder_files(b);
	builder_load(b, 0x10000000, 0x1000, 0x1000, PF_R);
	builder_load(b, 0x10001000, 0, 0x3000, PF_R | PF_X);
	builder_load(b, 0x20000000, 0x3000, 0x3000, PF_R | PF_W);
	builder_load(b, 0x60000000, 0x4000, 0x4000, PF_R | PF_W);
}

static void seed_stores(void)
{
	static const uint16_t machines[] = { EM_X86_64, EM_386, EM_AARCH64 };
	struct core_builder b;

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		for (int form = 0; form < 3; form++) {
			build_stored(&b, machines[i]);
			b.notes_late = form == 2;
			seed_stored(&b, form == 0);
		}
	}
}

/* Operations of fuzz_extract.c, and what their operands are for. */
#define MORE	  "\0"
#define BYTES(n)  "\0" n "\0"
#define REPEATED  "\1"
#define RLE	  "\2"
#define RAW	  "\3"
#define SKIPPABLE "\4"
#define SIZED	  "\5"
#define AGAIN	  "\6"
#define LIE	  "\7"
#define MERGE	  "\10"
#define FLIP	  "\11"
#define TWO_MIB	  "\0\0\40"

static void seed_extracts(void)
{
#define PROGRAM(text)                  \
	{                              \
		text, sizeof(text) - 1 \
	}
	static const struct {
		const char *text;
		size_t n;
	} programs[] = {
		PROGRAM(MORE BYTES("\5") "hello" REPEATED TWO_MIB
					 "\0" AGAIN AGAIN BYTES("\5") "world"),
		PROGRAM(MORE RLE
			"\377\377\120\0\0\0\0\0"), /* 8 GiB in 256 KiB, window 2^20 */
		PROGRAM(MORE RLE "\2\0\250\0\0\0\0\0"), /* window 2^31 */
		PROGRAM(MORE RLE "\40\0\210x\0\0\0\0"), /* window 2^27 */
		PROGRAM(MORE SIZED "\0\0\0\0\0\0\0\20\4abcd"),
		PROGRAM(MORE SIZED "\4\0\0\0\0\0\0\0\4abcd"),
		PROGRAM(MORE SKIPPABLE "\0\0\0\0\20\0" SKIPPABLE "\377\377\377\377\0\1"),
		PROGRAM("\1" BYTES("\5") "hello"),
		PROGRAM(MORE BYTES("\5") "hello" LIE "\1\0\0\0\0\0\0\0"),
		PROGRAM(MORE BYTES("\5") "hello" BYTES("\5") "world" MERGE),
		PROGRAM(MORE BYTES("\5") "hello" FLIP "\1\5\0\0"),
		PROGRAM(MORE RAW "\5\0\0\0\14\0\50\265\57\375\4\0\51\0\0hello"),
		PROGRAM(MORE REPEATED "\20\0\40\7" BYTES("\3") "end"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		seed("extract", programs[i].text, programs[i].n, "", 0);
}

static void seed_file(const char *path)
{
	struct built file = { malloc(FILE_MAX), 0 };
	_cleanup_file_ FILE *from = fopen(path, "re");
	const uint8_t whole = 0;

	assert_non_null(file.p);
	assert_non_null(from);
	file.n = fread(file.p, 1, FILE_MAX, from);
	if (file.n > SELFMAG && memcmp(file.p, ELFMAG, SELFMAG) == 0)
		seed_core(&file);
	else
		seed("open", &whole, 1, file.p, file.n);
	/* A part of one is of no use. */
	if (file.n > 4 && file.n <= SEED_MAX &&
	    frame_get_le32(file.p) == FRAME_RECORD_MAGIC)
		seed("stored", "", 0, file.p, file.n);
	built_done(&file);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("usage: fuzz-seeds DIR [FILE...]\n", stderr);
		return 2;
	}
	directory = argv[1];
	seed_cores();
	seed_names();
	seed_configs();
	seed_opens();
	seed_extracts();
	seed_stores();
	for (int i = 2; i < argc; i++)
		seed_file(argv[i]);
	return 0;
}
