/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/io.h"
#include "handler/isolate_helper.h"
#include "handler/process_details.h"
#include "handler/process_fds.h"
#include "handler/process_handover.h"
#include "handler/process_threads.h"

/* One that was killed, or is at its end, is gone in less. */
#define PATIENCE 20000 /* µs */

/* µs that the child has at least when the parent begins to wait for it. */
#define GRACE 1000000

/* Threads whose rights are read in less time than a process is planned in. */
#define THREADS_AT_ONCE 16

/* Kinds of messages: those below PROCESS_FILES are files. */
enum detail {
	DETAIL_MEMORY = PROCESS_FILES,
	DETAIL_GROUP,
	DETAIL_ROBUST,
	DETAIL_HEADS, /* of robust lists */
	DETAIL_OPEN_FDS,
	DETAIL_LOCKS,
	DETAIL_SHARING,
	DETAIL_THREADS,
	DETAILS,
};

static const char *const names[DETAILS] = {
	[PROCESS_MAPS] = "maps",
	[PROCESS_LIMITS] = "limits",
	[PROCESS_MOUNTINFO] = "mountinfo",
	[PROCESS_CMDLINE] = "cmdline",
	[PROCESS_ENVIRON] = "environ",
	[DETAIL_MEMORY] = "its memory",
	[DETAIL_GROUP] = "its memory control group",
	[DETAIL_ROBUST] = "its lists of robust locks",
	[DETAIL_OPEN_FDS] = "its open files",
	[DETAIL_LOCKS] = "locks of its open files",
	[DETAIL_SHARING] = "who shares its memory",
	[DETAIL_THREADS] = "the rights of its threads",
};

/* All that a process is read for. */
static uint64_t wanted(const struct process *process)
{
	bool large = process->present > PROCESS_SMALL;
	uint64_t bits = 0;

	for (unsigned int i = 0; i < DETAILS; i++)
		bits |= names[i] ? UINT64_C(1) << i : 0;
	return bits & ~(UINT64_C(1) << (large ? DETAIL_SHARING : DETAIL_ROBUST));
}

/* The crashing thread has the memory, also where the first one has ended. */
static struct process_sharing_ask sharing_ask(const struct args *args,
					      const struct process *process)
{
	const char *status = process->files[PROCESS_STATUS].bytes;

	return (struct process_sharing_ask){
		.dirfd = process->memory_fd,
		.pid = args->pid,
		.tid = args->tid > 0 ? args->tid : args->pid,
		.parent = process_status_number(status ? status : "", "PPid:"),
		.uid = process->uid,
	};
}

struct reader {
	const struct args *args;
	struct process *process; /* the child's own */
	int socket;
};

/* A parent that is not there any more does not miss it: SIGKILL is on its way. */
static void give(const struct reader *reader, unsigned int kind, const void *bytes,
		 size_t n)
{
	(void)!handover_send(reader->socket, kind, bytes, n);
}

static void give_file(const struct reader *reader, enum process_file file)
{
	struct blob *blob = &reader->process->files[file];

	process_file_read(reader->process->memory_fd, file, blob);
	give(reader, file, blob->bytes, blob->n);
}

static void give_memory(const struct reader *reader)
{
	struct process_memory *memory = &reader->process->memory;

	process_memory_open(reader->process->memory_fd, memory);
	if (memory->mem_fd < 0)
		give(reader, DETAIL_MEMORY, NULL, 0);
	else /* as in give() */
		(void)!handover_send_fds(
			reader->socket, DETAIL_MEMORY,
			(const int[]){ memory->mem_fd, memory->pagemap_fd });
}

static void give_group(const struct reader *reader)
{
	struct process *process = reader->process;
	const struct blob *cgroup = &process->files[PROCESS_CGROUP];

	process_memory_group_read(cgroup->cut ? NULL : cgroup->bytes,
				  process_memory_group_enough(process->present),
				  &process->group);
	give(reader, DETAIL_GROUP, &process->group, sizeof(process->group));
}

static void give_robust(const struct reader *reader)
{
	struct process_robust *robust = &reader->process->robust;

	process_robust_read(reader->process->pid_fd, robust);
	give(reader, DETAIL_HEADS, robust->heads, robust->count * sizeof(*robust->heads));
	give(reader, DETAIL_ROBUST, robust, sizeof(*robust));
}

static void give_fds(const struct reader *reader)
{
	struct process *process = reader->process;

	process_fds_read(process->memory_fd, &process->files[PROCESS_MAPS],
			 &process->open_fds, &process->locks);
	give(reader, DETAIL_OPEN_FDS, process->open_fds.bytes, process->open_fds.n);
	give(reader, DETAIL_LOCKS, &process->locks, sizeof(process->locks));
}

static void give_sharing(const struct reader *reader)
{
	const struct process_sharing_ask ask = sharing_ask(reader->args, reader->process);

	process_sharing_ask_parent(&ask, &reader->process->sharing);
	give(reader, DETAIL_SHARING, &reader->process->sharing,
	     sizeof(reader->process->sharing));
}

static void give_threads(const struct reader *reader)
{
	const char *status = reader->process->thread_status;
	int64_t agree = status ? process_threads_agree(reader->process->pid_fd, status)
			       : CREDENTIALS_UNKNOWN;

	give(reader, DETAIL_THREADS, &agree, sizeof(agree));
}

/*
 * First what nobody can make it wait for, and what is missed least at the end. environ, cmdline and maps may wait for
 * the process' mmap_lock, who shares its memory for its parent's execve(2), mountinfo for whoever mounts.
 */
static _noreturn_ void read_all(const struct reader *reader)
{
	const bool large = reader->process->present > PROCESS_SMALL;

	give_memory(reader);
	give_file(reader, PROCESS_LIMITS);
	give_group(reader);
	if (large)
		give_robust(reader);
	give_file(reader, PROCESS_ENVIRON);
	give_file(reader, PROCESS_CMDLINE);
	give_file(reader, PROCESS_MAPS);
	give_fds(reader);
	if (!large)
		give_sharing(reader);
	give_file(reader, PROCESS_MOUNTINFO);
	give_threads(reader);
	_exit(0);
}

static _noreturn_ void run(const struct args *args, const struct process *process,
			   int socket)
{
	const int fds[] = { process->pid_fd, process->memory_fd, socket };
	struct process own = *process;
	const struct reader reader = { args, &own, socket };

	if (isolate_helper(fds, ARRAY_SIZE(fds)) == 0)
		read_all(&reader);
	_exit(1);
}

static int64_t span_of(uint64_t deadline)
{
	int64_t span = clock_span(deadline);

	return span == INT64_MAX ? PROCESS_DETAILS_LONG : span / PROCESS_DETAILS_PART;
}

void process_details_start(const struct args *args, const struct process *process,
			   uint64_t deadline, struct process_details *ret)
{
	int64_t span = span_of(deadline);
	int sockets[2];
	pid_t pid;

	*ret = (struct process_details){
		.socket = -1,
		.core_fd = -1,
		.span = span,
		.until = clock_after(clock_usec(CLOCK_MONOTONIC), span),
		.sharing = { .fd = -1 },
	};
	if (!process->known || handover_open(sockets) < 0)
		return;
	pid = fork();
	if (pid == 0)
		run(args, process, sockets[1]);
	cleanup_fd(&sockets[1]);
	if (pid < 0) {
		cleanup_fd(&sockets[0]);
		return;
	}
	ret->child = pid;
	ret->socket = sockets[0];
	if (process->present > PROCESS_SMALL) {
		const struct process_sharing_ask ask = sharing_ask(args, process);

		process_sharing_start(&ask, &ret->sharing);
	}
}

static bool take_struct(const struct handover *message, void *to, size_t n)
{
	if (message->n != n)
		return false;
	memcpy(to, message->bytes, n);
	return true;
}

static bool take_file(struct handover *message, struct process *process)
{
	const enum process_file file = (enum process_file)message->kind;
	struct blob *blob = &process->files[file];

	if (message->n == 0) /* it could not be read, or is empty */
		return true;
	free(blob->bytes);
	blob->bytes = TAKE_PTR(message->bytes);
	blob->n = message->n;
	blob->cut = message->n == process_file_cap(file);
	return true;
}

static bool take_memory(struct handover *message, struct process_memory *memory)
{
	memory->mem_fd = TAKE_FD(message->fds[0]);
	memory->pagemap_fd = TAKE_FD(message->fds[1]);
	return true;
}

static bool take_open_fds(struct handover *message, struct blob *ret)
{
	if (message->n == 0)
		return true;
	ret->bytes = TAKE_PTR(message->bytes);
	ret->n = message->n;
	return true;
}

/* They come before the rest. */
static bool take_heads(struct handover *message, struct process_robust *robust)
{
	free(robust->heads);
	robust->heads = (uint64_t *)(void *)TAKE_PTR(message->bytes);
	robust->count = message->n / sizeof(*robust->heads);
	return true;
}

static bool take_robust(const struct handover *message, struct process_robust *robust)
{
	struct process_robust told;

	if (!take_struct(message, &told, sizeof(told)) || told.count != robust->count)
		return false;
	robust->known = told.known;
	robust->reason = told.reason;
	return true;
}

/* Return: it fits. */
static bool take(struct handover *message, struct process *process)
{
	switch (message->kind) {
	case PROCESS_MAPS:
	case PROCESS_LIMITS:
	case PROCESS_MOUNTINFO:
	case PROCESS_CMDLINE:
	case PROCESS_ENVIRON:
		return take_file(message, process);
	case DETAIL_MEMORY:
		return take_memory(message, &process->memory);
	case DETAIL_GROUP:
		return take_struct(message, &process->group, sizeof(process->group));
	case DETAIL_ROBUST:
		return take_robust(message, &process->robust);
	case DETAIL_HEADS:
		return take_heads(message, &process->robust);
	case DETAIL_OPEN_FDS:
		return take_open_fds(message, &process->open_fds);
	case DETAIL_LOCKS:
		return take_struct(message, &process->locks, sizeof(process->locks));
	case DETAIL_SHARING:
		return take_struct(message, &process->sharing, sizeof(process->sharing));
	case DETAIL_THREADS:
		return take_struct(message, &process->credentials.threads,
				   sizeof(process->credentials.threads));
	default:
		return false;
	}
}

/* Until no bit of these is missing any more. Return: whether more may come. */
static bool receive(const struct process_details *details, struct process *process,
		    uint64_t bits, int64_t until)
{
	const size_t cap = process_file_cap(PROCESS_MAPS); /* the longest of all */
	struct handover message;
	int r = 1;

	while (r == 1 && (process->missing & bits)) {
		r = handover_receive(details->socket, cap, until, &message);
		if (r != 1)
			break;
		if (message.kind < DETAILS && take(&message, process))
			process->missing &= ~(UINT64_C(1) << message.kind);
		handover_done(&message);
	}
	return r == 1 || r == -ETIMEDOUT;
}

/* Whoever hangs where not even SIGKILL ends it, has nothing that others wait for. */
static void end(pid_t child)
{
	static const struct timespec moment = { 0, 50000 };
	const int64_t until = clock_usec(CLOCK_MONOTONIC) + PATIENCE;

	(void)kill(child, SIGKILL); /* ours, and not waited for: it is there */
	while (waitpid(child, NULL, WNOHANG) == 0 && clock_usec(CLOCK_MONOTONIC) < until)
		(void)nanosleep(&moment, NULL); /* shorter is as good */
}

/* What is not known counts as if it did harm (handler/capture_release.h). */
static void give_reasons(struct process *process)
{
	static const char late[] = "/proc did not tell it in time";
	const struct {
		enum detail detail;
		const char **reason;
	} members[] = {
		{ DETAIL_GROUP, &process->group.reason },
		{ DETAIL_ROBUST, &process->robust.reason },
		{ DETAIL_LOCKS, &process->locks.reason },
		{ DETAIL_SHARING, &process->sharing.reason },
	};

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (process->missing & UINT64_C(1) << members[i].detail)
			*members[i].reason = late;
	}
}

/* That it ended is told elsewhere. */
static void forget(struct process *process)
{
	static const enum process_file files[] = { PROCESS_MAPS, PROCESS_LIMITS,
						   PROCESS_MOUNTINFO, PROCESS_CMDLINE,
						   PROCESS_ENVIRON };
	struct process_memory *memory = &process->memory;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		free(process->files[files[i]].bytes);
		process->files[files[i]] = (struct blob){ .bytes = NULL };
	}
	free(TAKE_PTR(process->open_fds.bytes));
	process->open_fds.n = 0;
	cleanup_fd(&memory->mem_fd);
	cleanup_fd(&memory->pagemap_fd);
	memory->mem_fd = memory->pagemap_fd = -1;
	process->missing = 0;
}

static void close_details(struct process_details *details)
{
	end(details->child);
	cleanup_fd(&details->socket);
	details->socket = -1;
	details->child = 0;
}

static bool has_many_threads(const struct process *process)
{
	const char *status = process->files[PROCESS_STATUS].bytes;

	return process_status_number(status ? status : "", "Threads:") > THREADS_AT_ONCE;
}

/* What kept the parent meanwhile, such as a slow disk, is not the child's time. */
static void extend(struct process_details *details)
{
	int64_t span = details->span < GRACE ? details->span : GRACE;
	int64_t until = clock_after(clock_usec(CLOCK_MONOTONIC), span);

	if (until > details->until)
		details->until = until;
}

void process_details_finish(struct process_details *details, struct process *process)
{
	const struct blob *limits = &process->files[PROCESS_LIMITS];
	uint64_t bits, later;

	if (!process->known)
		return;
	later = has_many_threads(process) ? UINT64_C(1) << DETAIL_THREADS : 0;
	bits = process->missing = wanted(process);
	details->process = process;
	if (details->child > 0) {
		extend(details);
		(void)receive(details, process, bits & ~later, details->until);
		if ((process->missing & ~later) || !process->missing)
			close_details(details);
	}
	if (process->present > PROCESS_SMALL)
		process_sharing_finish(&details->sharing, &process->sharing);
	process->rlimit = process_limits_core(limits->bytes ? limits->bytes : "");
	give_reasons(process);
	if (!process_is_dumping(process))
		forget(process);
}

/* A message has begun, or the end of all. */
static bool has_come(const struct process_details *details)
{
	struct pollfd fd = { .fd = details->socket, .events = POLLIN };

	return poll(&fd, 1, 0) != 0; /* failed: reading tells */
}

static bool may_come(const struct process_details *details)
{
	const uint64_t bit = UINT64_C(1) << DETAIL_THREADS;

	if (details->child == 0 || clock_usec(CLOCK_MONOTONIC) >= details->until)
		return false;
	return !has_come(details) ||
	       (receive(details, details->process, bit, details->until) &&
		(details->process->missing & bit));
}

bool process_details_settle(struct process_details *details)
{
	if (may_come(details))
		return false;
	if (details->child > 0)
		close_details(details);
	if (details->core_fd >= 0) {
		cleanup_fd(&details->core_fd);
		details->core_fd = -1;
		details->let_go = clock_usec(CLOCK_MONOTONIC);
	}
	return true;
}

char *process_details_missing(const struct process_details *details,
			      const struct process *process)
{
	char *text = NULL;
	size_t size;
	FILE *out = process->missing ? open_memstream(&text, &size) : NULL;
	const char *between = ": ";

	if (!out)
		return NULL;
	fprintf(out, "/proc/PID did not tell in %.3g s (a part of Deadline)",
		(double)details->span / 1e6);
	for (unsigned int i = 0; i < DETAILS; i++) {
		if (!(process->missing & UINT64_C(1) << i))
			continue;
		fprintf(out, "%s%s", between, names[i]);
		between = ", ";
	}
	return io_close_text(out, &text);
}
