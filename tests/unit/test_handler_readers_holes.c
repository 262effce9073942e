/* SPDX-License-Identifier: MIT */
/*
 * Zeros behind a page that exists are not read with it: they go out as frames of zeros, whatever a thread reads at a
 * time. This very process plays the crashed one.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/core_builder.h"
#include "tests/unit/stored.h"
#include "tests/unit/table.h"

#include "handler/held.h"
#include "store/frame.h"

#define SIZE (2u << 20)

/* The seek table's entries with so many bytes, see store/frame.h. */
static size_t frames_of(int fd, uint32_t size)
{
	size_t n, found = 0;
	_cleanup_free_ uint8_t *file = stored_bytes(fd, &n);
	uint32_t count, extracted;

	assert_non_null(file);
	memcpy(&count, file + n - FRAME_SEEK_FOOTER, sizeof(count));
	for (size_t i = 1; i <= count; i++) {
		memcpy(&extracted,
		       file + n - FRAME_SEEK_FOOTER - i * FRAME_SEEK_ENTRY + 4,
		       sizeof(extracted));
		found += extracted == size;
	}
	return found;
}

static void make_core(uint8_t *memory, struct built *built, struct core *core,
		      struct notes *notes)
{
	struct core_builder b;

	builder_init(&b, EM_X86_64);
	builder_thread(&b, 7, 0, 0, 0);
	builder_load(&b, (uintptr_t)memory, SIZE, SIZE, PF_R | PF_W);
	builder_files(&b);
	b.headers_only = true;
	*built = builder_build(&b);
	builder_done(&b);
	core_init(core);
	assert_int_equal(built_feed(built, 4096, core), 1);
	notes_read(&core->header, core->notes, notes);
}

static void copy(const struct built *built, const struct core *core,
		 const struct notes *notes, int file_fd)
{
	int mem_fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	int pagemap_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int stream = memfd_create("stream", MFD_CLOEXEC);
	const struct plan plan = { .verbatim = true,
				   .header_size = (size_t)core->data_start,
				   .size = core->size };
	struct source source;
	struct source_memory *memory;
	struct pool pool;
	struct held held = {
		.plan = &plan, .source = &source, .pool = &pool, .deadline = INT64_MAX
	};

	assert_int_equal(write(stream, built->p, built->n), built->n);
	assert_int_equal(lseek(stream, 0, SEEK_SET), 0);
	assert_int_equal(source_open(stream, &source), 0);
	assert_int_equal(source_skip(&source, core->data_start), 1);
	assert_int_equal(
		source_memory_open(mem_fd, pagemap_fd, core, notes, NULL, &memory), 0);
	source_use_memory(&source, memory);
	pool_open(2, NULL, &pool);
	assert_int_equal(pack_open(file_fd, 1, 64 << 20, &held.pack), 0);
	assert_int_equal(pack_header(held.pack, built->p, plan.header_size), 0);
	assert_int_equal(held_copy(&held), 1);
	assert_int_equal(pack_flush(held.pack), 0);
	assert_int_equal(pack_finish(held.pack), 0);
	held_end(&held);
	pack_close(held.pack);
	source_close(&source);
	source_memory_close(memory);
	close(mem_fd);
	close(pagemap_fd);
}

static void test_holes(void **state)
{
	uint8_t *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int file_fd = stored_file();
	struct built built;
	struct core core;
	struct notes notes;
	uint8_t *extracted;
	size_t n;

	(void)state;
	assert_true(memory != MAP_FAILED);
	(void)madvise(memory, SIZE, MADV_NOHUGEPAGE); /* the kernel may not have it */
	memory[7] = 'x';
	memory[SIZE / 2 + 7] = 'y';
	make_core(memory, &built, &core, &notes);
	copy(&built, &core, &notes, file_fd);
	assert_int_equal(frames_of(file_fd, PAGE), 2);
	extracted = stored_extract(file_fd, &n);
	assert_non_null(extracted);
	assert_int_equal(n, core.size);
	assert_memory_equal(extracted + core.data_start, memory, SIZE);
	free(extracted);
	notes_done(&notes);
	core_done(&core);
	built_done(&built);
	munmap(memory, SIZE);
	close(file_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_holes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
