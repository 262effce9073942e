/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/number.h"
#include "handler/args.h"

struct option {
	char letter;
	uint64_t max;
	size_t offset; /* of the member */
};

/* The end of the year 9999: what a record can hold. */
#define SECONDS_MAX UINT64_C(253402300799)

/* Linux: PIDs below 2^22, ids 32 bits, RLIM_INFINITY is 2^64 - 1. */
static const struct option options[] = {
	{ 'd', 2, offsetof(struct args, dumpable) },
	{ 'u', UINT32_MAX, offsetof(struct args, uid) },
	{ 'g', UINT32_MAX, offsetof(struct args, gid) },
	{ 'c', UINT64_MAX, offsetof(struct args, rlimit) },
	{ 't', SECONDS_MAX, offsetof(struct args, time) },
	{ 'I', INT32_MAX, offsetof(struct args, tid) },
	{ 'F', INT32_MAX, offsetof(struct args, pidfd) },
};

static const struct option *option_find(const char *argument)
{
	for (size_t i = 0; argument[0] == '-' && i < ARRAY_SIZE(options); i++) {
		if (argument[1] == options[i].letter)
			return &options[i];
	}
	return NULL;
}

static void option_parse(struct args *args, const char *argument, uint32_t *seen)
{
	const struct option *option = option_find(argument);
	int64_t *member;
	uint64_t value;

	if (!option) {
		args->doubtful = true;
		return;
	}
	if (*seen & 1u << (option - options))
		args->doubtful = true;
	*seen |= 1u << (option - options);
	member = (int64_t *)((char *)args + option->offset);
	*member = ARGS_UNKNOWN;
	if (argument[2] == '\0')
		return;
	if (number_u64(argument + 2, option->max, &value) < 0)
		args->doubtful = true;
	else
		*member = value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static void args_init(struct args *args)
{
	*args = (struct args){ .signal = ARGS_UNKNOWN };
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		*(int64_t *)((char *)args + options[i].offset) = ARGS_UNKNOWN;
}

int args_parse(int argc, char **argv, struct args *ret, const char **ret_reason)
{
	static const char config[] = "--config=";
	uint32_t seen = 0;
	uint64_t value;
	int at = 1;

	args_init(ret);
	if (argc > 1 && strncmp(argv[1], config, sizeof(config) - 1) == 0)
		ret->config = argv[at++] + sizeof(config) - 1;
	if (argc - at < 3) {
		*ret_reason = "PID SIGNAL COMM are wanted, as core_pattern's %P %s %e";
		return -EINVAL;
	}
	if (number_u64(argv[at], INT32_MAX, &value) < 0 || value == 0) {
		*ret_reason = "PID is not a process id: it is core_pattern's %P";
		return -EINVAL;
	}
	ret->pid = (int64_t)value;
	if (number_u64(argv[at + 1], 64, &value) == 0) /* _NSIG; else the notes know */
		ret->signal = (int64_t)value;
	ret->comm = argv[at + 2];
	for (int i = at + 3; i < argc; i++)
		option_parse(ret, argv[i], &seen);
	return 0;
}
