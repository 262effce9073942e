/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/io.h"
#include "base/number.h"
#include "handler/credentials.h"
#include "handler/process.h"
#include "handler/process_threads.h"

static const char *const keys[] = {
	"Uid:",	   "Gid:",    "Groups:", "CapInh:",	"CapPrm:",
	"CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:",
};

int64_t process_threads_compare(const char *a, const char *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *one = process_status_value(a, keys[i]);
		const char *other = process_status_value(b, keys[i]);
		size_t n = one ? strcspn(one, "\n") : 0;

		/* a line without an end was cut */
		if (!one || !other || one[n] != '\n' || !strchr(other, '\n'))
			return CREDENTIALS_UNKNOWN;
		if (strncmp(one, other, n + 1) != 0)
			return 0;
	}
	return 1;
}

/* One that has ended meanwhile has its line "State:" and no rights any more: it counts. */
static int64_t look_at(int tasks, const char *tid, const char *status)
{
	_cleanup_free_ char *text = NULL;
	char path[NAME_MAX + 8];
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/status", tid); /* fits */
	if (io_read_file(tasks, path, process_file_cap(PROCESS_STATUS), &text, &n) < 0)
		return CREDENTIALS_UNKNOWN;
	return process_threads_compare(status, text);
}

int64_t process_threads_agree(int pid_fd, const char *status)
{
	int fd = openat(pid_fd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_dir_ DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	int64_t answer = 1;
	size_t threads = 0;
	uint64_t tid;

	if (!dir) {
		cleanup_fd(&fd);
		return CREDENTIALS_UNKNOWN;
	}
	while (answer == 1 && (errno = 0, entry = readdir(dir))) {
		if (number_u64(entry->d_name, INT32_MAX, &tid) < 0)
			continue;
		answer = threads++ == PROCESS_THREADS_MAX
				 ? CREDENTIALS_UNKNOWN
				 : look_at(fd, entry->d_name, status);
	}
	return answer == 1 && (errno || threads == 0) ? CREDENTIALS_UNKNOWN : answer;
}
