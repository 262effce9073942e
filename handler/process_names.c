/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "handler/process_names.h"

/* The name and a newline; in a name there may be one, too. */
char *process_names_read_one(int dirfd, const char *file)
{
	char *name;
	size_t n;

	if (io_read_file(dirfd, file, PROCESS_NAME_MAX, &name, &n) < 0)
		return NULL;
	if (n > 0 && name[n - 1] == '\n')
		name[n - 1] = '\0';
	return name;
}

void process_names_read(int dirfd, int64_t tid, struct process *process)
{
	char path[32];

	process->comm = process_names_read_one(dirfd, "comm");
	if (tid <= 0)
		return;
	(void)snprintf(path, sizeof(path), "task/%d/comm", (int)tid); /* fits */
	process->thread_comm = process_names_read_one(dirfd, path);
}

/* Its first thread's name is the process', if that is who crashed. */
static const char *argument(const struct args *args)
{
	bool other = args->tid > 0 && args->tid != args->pid;

	return !other && args->comm[0] ? args->comm : NULL;
}

static const char *process_name(const struct args *args, const struct process *process,
				const struct report *report)
{
	if (process->comm)
		return process->comm;
	return report && report->has_psinfo ? report->fname : argument(args);
}

static const char *thread_name(const struct args *args, const struct process *process)
{
	if (process->thread_comm)
		return process->thread_comm;
	return args->comm[0] ? args->comm : NULL;
}

void process_names_choose(const struct args *args, const struct process *process,
			  const struct report *report, struct process_names *ret)
{
	const char *in_core = report && report->exe[0] ? report->exe : NULL;
	bool other = process->exe && in_core && strcmp(process->exe, in_core) != 0;

	*ret = (struct process_names){
		.process = process_name(args, process, report),
		.thread = thread_name(args, process),
		.exe = process->exe ? process->exe : in_core,
		.exe_in_core = other ? in_core : NULL,
	};
}

const char *process_names_shown(const struct args *args, const struct process *process)
{
	const char *name = process->comm ? process->comm : args->comm;

	return name[0] ? name : "unknown";
}
