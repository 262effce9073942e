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
#include "handler/process_fds.h"
#include "handler/process_names.h"
#include "handler/process_sender.h"

struct capped {
	const char *name;
	size_t cap;
};

/*
 * The crashed program chooses how long these are. maps says what every mapping is called, and
 * vm.max_map_count allows 65,530 of them: 7 MiB, as the kernel writes them. The rest is
 * several times what is usual, so that nothing usual is ever cut.
 */
static const struct capped files[PROCESS_FILES] = {
	[PROCESS_STATUS] = { "status", 16 << 10 },
	[PROCESS_MAPS] = { "maps", 16 << 20 },
	[PROCESS_LIMITS] = { "limits", 16 << 10 },
	[PROCESS_CGROUP] = { "cgroup", 16 << 10 },
	[PROCESS_MOUNTINFO] = { "mountinfo", 256 << 10 },
	[PROCESS_AUXV] = { "auxv", 4 << 10 },
	[PROCESS_CMDLINE] = { "cmdline", 64 << 10 },
	[PROCESS_ENVIRON] = { "environ", 256 << 10 },
};

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

static void read_file(struct process *process, int dirfd, enum process_file which)
{
	struct blob *blob = &process->files[which];

	if (io_read_file(dirfd, files[which].name, files[which].cap, &blob->bytes,
			 &blob->n) < 0)
		*blob = (struct blob){ .bytes = NULL };
	blob->cut = blob->n == files[which].cap;
}

/* All but the status, which was read before. */
static void read_files(struct process *process, int dirfd)
{
	for (int i = 0; i < PROCESS_FILES; i++) {
		if (i != PROCESS_STATUS)
			read_file(process, dirfd, (enum process_file)i);
	}
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

	read_file(process, dirfd, PROCESS_STATUS);
	status = text_of(process, PROCESS_STATUS);
	process->uid = process_status_number(status, "Uid:");
	process->gid = process_status_number(status, "Gid:");
	process->present = process_status_present(status);
}

static void read_numbers(struct process *process)
{
	const char *status = text_of(process, PROCESS_STATUS);
	const struct blob *auxv = &process->files[PROCESS_AUXV];

	credentials_parse(status, auxv->bytes, auxv->n, &process->credentials);
	process->rlimit = process_limits_core(text_of(process, PROCESS_LIMITS));
	process->cgroup = process_cgroup_path(text_of(process, PROCESS_CGROUP));
	process->namespace_pid = process_status_innermost(status, "NStgid:");
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

	if (io_read_file(dirfd, "status", files[PROCESS_STATUS].cap, &status, &n) < 0)
		return false;
	return process_status_number(status, "CoreDumping:") == 1;
}

void process_init(struct process *process)
{
	*process = (struct process){
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

static bool may_be_large(const struct process *process)
{
	return process->present > PROCESS_SMALL;
}

/* The crashing thread has the memory, also where the first one has ended. */
static void start_sharing(const struct args *args, int dirfd,
			  const struct process *process, struct process_sharing_scan *ret)
{
	const char *status = text_of(process, PROCESS_STATUS);
	const struct process_sharing_ask ask = {
		.dirfd = dirfd,
		.pid = args->pid,
		.tid = args->tid > 0 ? args->tid : args->pid,
		.parent = process_status_number(status, "PPid:"),
		.uid = process->uid,
		.all = may_be_large(process),
	};

	process_sharing_start(&ask, ret);
}

static void read_memory_group(struct process *process)
{
	const struct blob *cgroup = &process->files[PROCESS_CGROUP];

	process_memory_group_read(cgroup->cut ? NULL : cgroup->bytes,
				  process_memory_group_enough(process->present),
				  &process->group);
}

/*
 * SIGKILL ends the kernel's wait, and another process may get the PID (CVE-2025-4598). The
 * facts are of the crashed process if the kernel's own pidfd names this PID after all was
 * read; otherwise they are only likely: the PID names a process that dumps core.
 */
void process_read(const struct args *args, struct process *ret)
{
	_cleanup_fd_ int process_fd = open_pid_directory(args->pid);
	_cleanup_fd_ int thread_fd = -1;
	int pidfd = args->pidfd == ARGS_UNKNOWN ? -1 : (int)args->pidfd;
	struct process_sharing_scan scan;
	int dirfd = process_fd;

	process_init(ret);
	if (process_fd >= 0)
		process_names_read(process_fd, args->tid, ret);
	if (process_fd >= 0 && !is_dumping(process_fd) && args->tid > 0) {
		thread_fd = open_thread_directory(process_fd, args->tid);
		dirfd = thread_fd;
	}
	if (dirfd < 0 || !is_dumping(dirfd)) {
		process_done(ret);
		return;
	}
	read_status(ret, dirfd);
	start_sharing(args, dirfd, ret, &scan); /* takes longest, beside the others */
	read_files(ret, dirfd);
	read_numbers(ret);
	read_links(ret, dirfd);
	read_mount_namespace(ret, dirfd);
	process_fds_read(dirfd, &ret->files[PROCESS_MAPS], &ret->open_fds, &ret->locks);
	read_units(ret, (pid_t)args->pid);
	ret->credentials.namespace_owner = credentials_namespace_owner(dirfd);
	process_memory_open(dirfd, &ret->memory);
	open_status(process_fd, args->tid, dirfd, &ret->memory);
	read_memory_group(ret);
	if (may_be_large(ret))
		process_robust_read(process_fd, &ret->robust);
	process_sharing_finish(&scan, &ret->sharing);
	process_sender_open(dirfd, &ret->pid_namespace);
	ret->verified = pidfd >= 0 && is_pidfd_of(pidfd, args->pid) && alive(pidfd);
	ret->known = is_dumping(dirfd) && (pidfd < 0 || ret->verified);
	if (!ret->known)
		process_done(ret);
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
	free(process->comm);
	free(process->thread_comm);
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
