/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/number.h"
#include "handler/process_state.h"

#define STAT_MAX    1024
#define THREADS_MAX 64

/* Of the numbers behind the name in /proc/PID/stat: field 22, the first of them is field 3. */
#define STARTTIME 19

/* 4711 (dumpd) R ... : a name may have brackets, too. */
static bool is(int dirfd, const char *path, char state)
{
	_cleanup_free_ char *text = NULL;
	const char *end;
	size_t n;

	if (io_read_file(dirfd, path, STAT_MAX, &text, &n) < 0)
		return false;
	end = strrchr(text, ')');
	return end && end[1] == ' ' && end[2] == state;
}

bool process_state_is(pid_t pid, char state)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid); /* fits */
	return is(AT_FDCWD, path, state);
}

bool process_state_any(pid_t pid, char state)
{
	_cleanup_dir_ DIR *dir = NULL;
	char path[NAME_MAX + 8];
	struct dirent *entry;
	int looked = 0;
	uint64_t tid;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid); /* fits */
	dir = opendir(path);
	while (dir && looked < THREADS_MAX && (entry = readdir(dir))) {
		if (number_u64(entry->d_name, INT32_MAX, &tid) < 0)
			continue;
		looked++;
		(void)snprintf(path, sizeof(path), "%s/stat", entry->d_name); /* fits */
		if (is(dirfd(dir), path, state))
			return true;
	}
	return false;
}

int64_t process_state_started(int dirfd)
{
	_cleanup_free_ char *text = NULL;
	const char *at;
	char word[24] = "";
	uint64_t ticks;
	size_t n;

	if (io_read_file(dirfd, "stat", STAT_MAX, &text, &n) < 0)
		return -1;
	at = strrchr(text, ')');
	for (int i = 0; at && i <= STARTTIME; i++)
		at = strchr(at + 1, ' ');
	n = at ? strcspn(at + 1, " \n") : 0;
	if (n == 0 || n >= sizeof(word))
		return -1;
	memcpy(word, at + 1, n);
	return number_u64(word, INT64_MAX, &ticks) < 0 ? -1 : (int64_t)ticks;
}
