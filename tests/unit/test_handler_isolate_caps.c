/* SPDX-License-Identifier: MIT */
/*
 * What a process may after each drop, as the kernel says it.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/table.h"

#include "base/io.h"
#include "handler/isolate_caps.h"

#define BIT(cap) (UINT64_C(1) << (cap))

#define READING                                                             \
	(BIT(CAP_SYS_PTRACE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_SETUID) | \
	 BIT(CAP_SETGID) | BIT(CAP_KILL))
#define CHILD (BIT(CAP_SETUID) | BIT(CAP_SETGID) | BIT(CAP_KILL))

struct sets {
	uint64_t inheritable, permitted, effective, bounding, ambient;
};

/*
 * CapInh:	0000000000000000
 * CapPrm:	000001ffffffffff
 */
static uint64_t set_of(const char *status, const char *key)
{
	const char *line = strstr(status, key);
	uint64_t set;

	if (!line || sscanf(line + strlen(key), " %" SCNx64, &set) != 1)
		abort();
	return set;
}

static struct sets sets_now(void)
{
	_cleanup_free_ char *status = NULL;
	size_t n;

	if (io_read_file(AT_FDCWD, "/proc/self/status", 16384, &status, &n) < 0)
		abort();
	return (struct sets){ set_of(status, "CapInh:"), set_of(status, "CapPrm:"),
			      set_of(status, "CapEff:"), set_of(status, "CapBnd:"),
			      set_of(status, "CapAmb:") };
}

/* What was taken away before, as in a container. */
struct row {
	const char *name;
	uint64_t without;
	bool inherits; /* something is inheritable and ambient */
};

static const struct row rows[] = {
	{ "all there is", 0, false },
	{ "with ambient ones", 0, true },
	{ "without CAP_SYS_PTRACE", BIT(CAP_SYS_PTRACE), false },
	{ "without CAP_SETPCAP", BIT(CAP_SETPCAP), false },
	{ "without any", UINT64_MAX, false },
};

static void arrange(const struct row *row)
{
	static const cap_value_t some = CAP_NET_RAW;
	cap_t caps = cap_get_proc();

	for (cap_value_t cap = 0; CAP_IS_SUPPORTED(cap); cap++) {
		if (!(row->without & BIT(cap)))
			continue;
		(void)cap_set_flag(caps, CAP_PERMITTED, 1, &cap, CAP_CLEAR);
		(void)cap_set_flag(caps, CAP_EFFECTIVE, 1, &cap, CAP_CLEAR);
	}
	if (row->inherits)
		(void)cap_set_flag(caps, CAP_INHERITABLE, 1, &some, CAP_SET);
	if (cap_set_proc(caps) < 0 && getuid() == 0)
		abort();
	if (row->inherits && getuid() == 0 && cap_set_ambient(some, CAP_SET) < 0)
		abort();
	cap_free(caps);
}

static void check_left(enum isolate_caps keep, uint64_t want, uint64_t bounding)
{
	struct sets now;

	if (isolate_caps_drop(keep) < 0)
		_exit(1);
	now = sets_now();
	if (now.permitted != want || now.effective != want)
		_exit(2);
	if (now.inheritable != 0 || now.ambient != 0)
		_exit(3);
	if (now.bounding != bounding)
		_exit(4);
	if (isolate_caps_none() != (want == 0))
		_exit(5);
}

static _noreturn_ void child(const struct row *row)
{
	struct sets before;
	uint64_t bounding;

	arrange(row);
	before = sets_now();
	bounding = before.effective & BIT(CAP_SETPCAP) ? 0 : before.bounding;
	check_left(ISOLATE_CAPS_READ, before.permitted & READING, bounding);
	check_left(ISOLATE_CAPS_READ, before.permitted & READING, bounding);
	check_left(ISOLATE_CAPS_CHILD, before.permitted & CHILD, bounding);
	/* what was given up is not to be had again */
	check_left(ISOLATE_CAPS_READ, before.permitted & CHILD, bounding);
	check_left(ISOLATE_CAPS_NONE, 0, bounding);
	check_left(ISOLATE_CAPS_CHILD, 0, bounding);
	_exit(0);
}

static void test_row(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		child(*state);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	return RUN_TABLE(rows, test_row);
}
