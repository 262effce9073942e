/* SPDX-License-Identifier: MIT */
#include "base/io.h"
#include "handler/process_memory.h"
#include "handler/window_live.h"

static size_t fill(void *context, uint64_t address, uint8_t *to)
{
	struct window_live *window = context;
	ssize_t n;

	/* a negative offset; vsyscall is there, which is code */
	if (address > INT64_MAX || !pagemap_exists(&window->pagemap, address))
		return 0;
	n = io_pread(window->mem_fd, to, PAGE, address);
	return n > 0 ? (size_t)n : 0;
}

static size_t live_read(void *context, uint64_t address, void *to, size_t n)
{
	struct window_live *window = context;

	return page_cache_read(&window->cache, address, to, n);
}

static bool live_next_changed(void *context, uint64_t start, uint64_t end,
			      uint64_t *ret_start, uint64_t *ret_end)
{
	struct window_live *window = context;

	return pagemap_next_changed(&window->pagemap, start, end, ret_start, ret_end);
}

static bool live_next_there(void *context, uint64_t start, uint64_t end,
			    uint64_t *ret_start, uint64_t *ret_end)
{
	struct window_live *window = context;

	return pagemap_next_there(&window->pagemap, start, end, ret_start, ret_end);
}

static void live_forget(void *context)
{
	struct window_live *window = context;

	page_cache_forget(&window->cache);
}

int window_live_open(int mem_fd, int pagemap_fd, bool zeros, struct window_live *ret)
{
	int r;

	*ret = (struct window_live){
		.memory = { .read = live_read,
			    .next_changed = live_next_changed,
			    .next_there = zeros ? live_next_there : NULL,
			    .context = ret,
			    .forget = live_forget },
		.mem_fd = mem_fd,
	};
	r = pagemap_open(pagemap_fd, &ret->pagemap);
	if (r == 0)
		r = page_cache_open(fill, ret, &ret->cache);
	if (r < 0)
		window_live_close(ret);
	return r;
}

void window_live_close(struct window_live *window)
{
	page_cache_close(&window->cache);
	pagemap_close(&window->pagemap);
}

bool window_live_gone(const struct window_live *window)
{
	return process_memory_gone(window->pagemap.fd);
}
