/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>

#include "handler/window.h"

/*
 * The kernel writes the same bytes to /proc/PID/auxv and NT_AUXV (mm->saved_auxv). They hold
 * random addresses, so another program's are others by chance, where the kernel was not told to do
 * without. Forks of one program share them, and a process may change its own (PR_SET_MM_MAP of
 * prctl(2)): what tells these apart is the pidfd (handler/process.c), without which a dump is
 * root's alone (handler/access.c). Of a 32-bit process /proc shows zeros behind the end.
 */
static bool same_auxv(const struct blob *auxv, const struct notes *notes)
{
	return notes->auxv.n > 0 && notes->auxv.n <= auxv->n &&
	       memcmp(notes->auxv.p, auxv->bytes, notes->auxv.n) == 0;
}

static bool is_pipe(int fd)
{
	return fcntl(fd, F_GETPIPE_SZ) >= 0; /* not fstat(2), as in source_is_file() */
}

const char *window_doubt(const struct source *source, const struct process *process,
			 const struct notes *notes)
{
	if (!is_pipe(source->fd))
		return "standard input is neither a pipe nor a core from its beginning";
	if (!process->known)
		return "PID names no process that dumps core";
	if (process->memory.mem_fd < 0)
		return "/proc/PID/mem or pagemap cannot be opened";
	if (!same_auxv(&process->files[PROCESS_AUXV], notes))
		return "PID names another process: its AT_ vector is not the core's";
	if (notes->has_psinfo && (int64_t)notes->pid != process->namespace_pid)
		return "PID names another process: the core has another id";
	return NULL;
}

void window_open(struct source *source, const struct process *process,
		 const struct window_fds *fds, const struct core *core,
		 const struct notes *notes, struct window *ret)
{
	int r;

	*ret = (struct window){ 0 };
	if (source_is_file(source)) {
		r = window_core_open(core, window_core_pread_fd, &source->fd, &ret->core);
		ret->memory = r == 0 ? &ret->core.memory : NULL;
	} else {
		ret->reason = window_doubt(source, process, notes);
		if (ret->reason)
			return;
		r = window_live_open(fds->memory, fds->pagemap,
				     process->locks.no_userfault, &ret->live);
		ret->memory = r == 0 ? &ret->live.memory : NULL;
	}
	if (r < 0)
		ret->reason = "there is no memory for the window";
}

void window_close(struct window *window)
{
	window_live_close(&window->live);
	window_core_close(&window->core);
	window->memory = NULL;
}

bool window_gone(const struct window *window)
{
	return window->memory && window->memory == &window->live.memory &&
	       window_live_gone(&window->live);
}
