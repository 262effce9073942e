/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#include <systemd/sd-login.h>

#include "base/io.h"
#include "base/number.h"
#include "handler/process.h"
#include "handler/process_names.h"
#include "handler/process_sender.h"

/*
 * A line of a kernel text that begins with key:
 *   Uid:	1000	1000	1000	1000
 */
const char *process_status_value(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, key, n) == 0)
			return line + n + strspn(line + n, " \t");
	}
	return NULL;
}

/* The first word of a value, as a number. */
static int64_t leading_number(const char *value)
{
	char word[24];
	size_t n = value ? strcspn(value, " \t\n") : 0;
	uint64_t number;

	if (n == 0 || n >= sizeof(word))
		return -1;
	memcpy(word, value, n);
	word[n] = '\0';
	return number_u64(word, INT64_MAX, &number) < 0 ? -1 : (int64_t)number;
}

int64_t process_status_number(const char *status, const char *key)
{
	return leading_number(process_status_value(status, key));
}

int64_t process_status_innermost(const char *status, const char *key)
{
	const char *value = process_status_value(status, key);
	size_t n = value ? strcspn(value, "\n") : 0, last = n;

	while (last > 0 && value[last - 1] != ' ' && value[last - 1] != '\t')
		last--;
	return n > 0 ? leading_number(value + last) : -1;
}

/* VmRSS:	    2076 kB */
static bool add_kib(const char *status, const char *key, uint64_t *total)
{
	int64_t kib = process_status_number(status, key);
	uint64_t bytes;

	return kib >= 0 && !__builtin_mul_overflow((uint64_t)kib, 1024, &bytes) &&
	       !__builtin_add_overflow(*total, bytes, total);
}

uint64_t process_status_present(const char *status)
{
	static const char *const keys[] = { "VmRSS:", "VmSwap:" };
	uint64_t total = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!add_kib(status, keys[i], &total))
			return UINT64_MAX;
	}
	/* a kernel without huge pages of this kind has no such line */
	(void)add_kib(status, "HugetlbPages:", &total);
	return total;
}

/* Max core file size        0                    unlimited            bytes */
int64_t process_limits_core(const char *limits)
{
	const char *value = process_status_value(limits, "Max core file size");

	if (value && strncmp(value, "unlimited", 9) == 0)
		return INT64_MAX;
	return leading_number(value);
}

/*
 * 0::/system.slice/nginx.service
 * 1:name=systemd:/user.slice/user-1000.slice/session-2.scope
 */
char *process_cgroup_path(const char *cgroup)
{
	static const char legacy[] = ":name=systemd:";
	const char *path = process_status_value(cgroup, "0::");

	/* only behind the number: a path may hold anything but a newline */
	for (const char *line = cgroup; line && !path; line = strchr(line, '\n')) {
		line += *line == '\n';
		line += strspn(line, "0123456789");
		if (strncmp(line, legacy, sizeof(legacy) - 1) == 0)
			path = line + sizeof(legacy) - 1;
	}
	return path ? strndup(path, strcspn(path, "\n")) : NULL;
}

static int open_pid_directory(int64_t pid)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* A link's text; the kernel never gives more than a page. */
static char *read_link(int dirfd, const char *name)
{
	char target[4096];
	ssize_t n = readlinkat(dirfd, name, target, sizeof(target));

	return n > 0 ? strndup(target, (size_t)n) : NULL;
}

static void read_links(struct process *process, int dirfd)
{
	process->exe = read_link(dirfd, "exe");
	process->cwd = read_link(dirfd, "cwd");
	process->root = read_link(dirfd, "root");
}

/*
 * "mnt:[4026531841]", the namespace's number; ours is the one in which its paths are looked up later.
 */
static void read_mount_namespace(struct process *process, int dirfd)
{
	_cleanup_free_ char *its = read_link(dirfd, "ns/mnt");
	_cleanup_free_ char *ours = read_link(AT_FDCWD, "/proc/self/ns/mnt");

	if (its && ours)
		process->own_mount_namespace = strcmp(its, ours) != 0;
}

static const char *text_of(const struct process *process, enum process_file file)
{
	return process->files[file].bytes ? process->files[file].bytes : "";
}

/* libsystemd reads /proc/PID/cgroup by PID; the pidfd is asked again after it. */
static void read_units(struct process *process, pid_t pid)
{
	uid_t owner;

	(void)sd_pid_get_unit(pid, &process->unit); /* none: stays NULL, as below */
	(void)sd_pid_get_user_unit(pid, &process->user_unit);
	(void)sd_pid_get_slice(pid, &process->slice);
	(void)sd_pid_get_session(pid, &process->session);
	if (sd_pid_get_owner_uid(pid, &owner) >= 0)
		process->owner_uid = owner;
}

static void read_status(struct process *process, int dirfd)
{
	const char *status;

	process_file_read(dirfd, PROCESS_STATUS, &process->files[PROCESS_STATUS]);
	status = text_of(process, PROCESS_STATUS);
	process->uid = process_status_number(status, "Uid:");
	process->gid = process_status_number(status, "Gid:");
	process->present = process_status_present(status);
}

/*
 * Of the crashing thread, if that is known: rights are a thread's own. A status that cannot be had tells nothing, and
 * nobody's rights are taken for its.
 */
static void read_credentials(const struct args *args, struct process *process)
{
	const struct blob *auxv = &process->files[PROCESS_AUXV];
	_cleanup_free_ char *status = NULL;
	char path[48];
	size_t n;

	(void)snprintf(path, sizeof(path), "task/%d/status", (int)args->tid); /* fits */
	if (io_read_file(args->tid > 0 ? process->pid_fd : process->memory_fd,
			 args->tid > 0 ? path : "status",
			 process_file_cap(PROCESS_STATUS), &status, &n) < 0)
		return;
	credentials_parse(status, auxv->bytes, auxv->n, &process->credentials);
	credentials_read_namespaces(process->memory_fd, &process->credentials);
	process->thread_status = TAKE_PTR(status);
}

static void read_numbers(struct process *process, int dirfd)
{
	process_file_read(dirfd, PROCESS_AUXV, &process->files[PROCESS_AUXV]);
	process_file_read(dirfd, PROCESS_CGROUP, &process->files[PROCESS_CGROUP]);
	process->cgroup = process_cgroup_path(text_of(process, PROCESS_CGROUP));
	process->namespace_pid =
		process_status_innermost(text_of(process, PROCESS_STATUS), "NStgid:");
}

/*
 * /proc/self/fdinfo/3 of a pidfd:
 *   pos:	0
 *   ...
 *   Pid:	4711
 */
static bool is_pidfd_of(int fd, int64_t pid)
{
	_cleanup_free_ char *text = NULL;
	char path[48];
	size_t n;

	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (io_read_file(AT_FDCWD, path, 4096, &text, &n) < 0)
		return false;
	return process_status_number(text, "Pid:") == pid;
}

static bool alive(int pidfd)
{
	return syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0;
}

/*
 * A first thread that has ended is a zombie without memory: its /proc/PID says nothing, while
 * the crashing thread's own directory, with the same files, does. Return: a descriptor.
 */
static int open_thread_directory(int dirfd, int64_t tid)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "task/%d", (int)tid);
	return openat(dirfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool is_dumping(int dirfd)
{
	_cleanup_free_ char *status = NULL;
	size_t n;

	if (io_read_file(dirfd, "status", process_file_cap(PROCESS_STATUS), &status, &n) <
	    0)
		return false;
	return process_status_number(status, "CoreDumping:") == 1;
}

void process_init(struct process *process)
{
	*process = (struct process){
		.pid_fd = -1,
		.memory_fd = -1,
		.uid = -1,
		.gid = -1,
		.rlimit = -1,
		.owner_uid = -1,
		.own_mount_namespace = -1,
		.namespace_pid = -1,
		.memory = PROCESS_NO_MEMORY,
		.pid_namespace = { -1, false },
		.present = UINT64_MAX,
	};
	credentials_init(&process->credentials);
}

/* Of the thread that dumps, if its id is known: it ends last, and SIGKILL that waits for it is seen there. */
static void open_status(int process_fd, int64_t tid, int dirfd,
			struct process_memory *memory)
{
	char path[48];

	(void)snprintf(path, sizeof(path), "task/%d/status", (int)tid);
	if (tid > 0)
		process_memory_open_status(process_fd, path, memory);
	if (memory->status_fd < 0)
		process_memory_open_status(dirfd, "status", memory);
}

static bool is_named(const struct args *args)
{
	int pidfd = args->pidfd == ARGS_UNKNOWN ? -1 : (int)args->pidfd;

	return pidfd >= 0 && is_pidfd_of(pidfd, args->pid) && alive(pidfd);
}

static void open_directories(const struct args *args, struct process *ret)
{
	ret->pid_fd = open_pid_directory(args->pid);
	if (ret->pid_fd < 0)
		return;
	if (!is_dumping(ret->pid_fd) && args->tid > 0)
		ret->memory_fd = open_thread_directory(ret->pid_fd, args->tid);
	else
		ret->memory_fd = fcntl(ret->pid_fd, F_DUPFD_CLOEXEC, 0);
}

/*
 * SIGKILL ends the kernel's wait, and another process may get the PID (CVE-2025-4598). The
 * facts are of the crashed process if the kernel's own pidfd names this PID after all of them were
 * read; otherwise they are only likely: the PID names a process that dumps core.
 */
void process_read(const struct args *args, struct process *ret)
{
	process_init(ret);
	open_directories(args, ret);
	if (!process_is_dumping(ret)) {
		process_done(ret);
		return;
	}
	process_names_read(ret->pid_fd, args->tid, ret);
	read_status(ret, ret->memory_fd);
	read_numbers(ret, ret->memory_fd);
	read_credentials(args, ret);
	read_links(ret, ret->memory_fd);
	read_mount_namespace(ret, ret->memory_fd);
	read_units(ret, (pid_t)args->pid);
	open_status(ret->pid_fd, args->tid, ret->memory_fd, &ret->memory);
	process_sender_open(ret->memory_fd, &ret->pid_namespace);
	ret->verified = is_named(args);
	ret->known = process_is_dumping(ret) &&
		     (args->pidfd == ARGS_UNKNOWN || ret->verified);
	if (!ret->known)
		process_done(ret);
}

bool process_is_dumping(const struct process *process)
{
	return process->memory_fd >= 0 && is_dumping(process->memory_fd);
}

void process_forget_strings(struct process *process)
{
	static const enum process_file strings[] = { PROCESS_CMDLINE, PROCESS_ENVIRON };

	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		free(process->files[strings[i]].bytes);
		process->files[strings[i]] = (struct blob){ .bytes = NULL };
	}
}

void process_forget_files(struct process *process)
{
	for (int i = 0; i < PROCESS_FILES; i++) {
		free(process->files[i].bytes);
		process->files[i] = (struct blob){ .bytes = NULL };
	}
	free(process->open_fds.bytes);
	process->open_fds = (struct blob){ .bytes = NULL };
}

void process_done(struct process *process)
{
	process_forget_files(process);
	cleanup_fd(&process->pid_fd);
	cleanup_fd(&process->memory_fd);
	free(process->comm);
	free(process->thread_comm);
	free(process->thread_status);
	free(process->exe);
	free(process->cwd);
	free(process->root);
	free(process->cgroup);
	free(process->unit);
	free(process->user_unit);
	free(process->slice);
	free(process->session);
	process_memory_close(&process->memory);
	process_robust_done(&process->robust);
	process_sender_close(&process->pid_namespace);
	process_init(process);
}
