/* SPDX-License-Identifier: MIT */
/*
 * What hints do where they cannot: each case in a process of its own, because a table stays.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define DUMPD_HINTS_CAPACITY 4
#include <dumpd-hints.h>

#define CHECK(what)                                                                \
	do {                                                                       \
		if (!(what)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
			exit(1);                                                   \
		}                                                                  \
	} while (0)

static char memory[64];

static dumpd_hint_id add(void)
{
	return dumpd_hints_add(dumpd_keep(memory, sizeof(memory), 0, NULL));
}

static const struct dumpd_hint *entry(int i)
{
	return (const struct dumpd_hint *)(const void *)(dumpd_hints_table_1 + 1) + i;
}

static int used(void)
{
	int count = 0;

	for (int i = 0; i < DUMPD_HINTS_CAPACITY; i++)
		count += (entry(i)->state & 0xff) != DUMPD_HINTS_FREE;
	return count;
}

static void limit(int resource, rlim_t n)
{
	struct rlimit value;

	CHECK(getrlimit((__rlimit_resource_t)resource, &value) == 0);
	value.rlim_cur = n;
	CHECK(setrlimit((__rlimit_resource_t)resource, &value) == 0);
}

/* ftruncate() above the limit would be SIGXFSZ. */
static void file_size(void)
{
	limit(RLIMIT_FSIZE, 64);
	CHECK(add() == -EFBIG);
	CHECK(dumpd_hints_prepare() == -EFBIG);
	limit(RLIMIT_FSIZE, 64 + 4 * 64);
	CHECK(add() > 0);
}

static void descriptors(void)
{
	limit(RLIMIT_NOFILE, 3);
	CHECK(add() == -EMFILE);
	limit(RLIMIT_NOFILE, 100);
	CHECK(add() > 0); /* not given up for ever */
	CHECK(dup(0) == 3); /* and none is left open */
}

static void address_space(void)
{
	limit(RLIMIT_AS, 4096);
	CHECK(add() == -ENOMEM);
}

static void no_memfd(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, filter };

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	CHECK(add() == -EPERM);
}

/* A kernel older than MFD_NOEXEC_SEAL. */
static void old_kernel(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 24), /* the second argument */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 6, filter };

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	CHECK(add() > 0);
}

/* In time, no filter can be in the way. */
static void prepared(void)
{
	CHECK(dumpd_hints_prepare() == 0);
	CHECK(used() == 0);
	limit(RLIMIT_NOFILE, 3);
	limit(RLIMIT_FSIZE, 0);
	CHECK(add() > 0);
}

static void full(void)
{
	dumpd_hint_id id[4];

	for (int i = 0; i < 4; i++)
		CHECK((id[i] = add()) > 0);
	CHECK(add() == -ENOSPC);
	CHECK(dumpd_hints_replace(id[2], dumpd_secret(memory, 8, "new")) == -ENOSPC);
	CHECK(entry(2)->kind == DUMPD_HINT_KEEP);
	CHECK(used() == 4);
	CHECK(dumpd_hints_remove(id[1]) == 0);
	CHECK((id[2] = dumpd_hints_replace(id[2], dumpd_secret(memory, 8, "new"))) > 0);
	CHECK(entry(1)->kind == DUMPD_HINT_SECRET);
	CHECK(used() == 3);
	CHECK(add() > 0);
	CHECK(add() == -ENOSPC);
}

static void stale(void)
{
	dumpd_hint_id id = add(), other;

	CHECK(id > 0);
	CHECK(dumpd_hints_remove(id) == 0);
	CHECK(dumpd_hints_remove(id) == -ENOENT);
	CHECK((other = add()) > 0);
	CHECK(other != id && (uint32_t)other == (uint32_t)id); /* the same entry */
	CHECK(dumpd_hints_remove(id) == -ENOENT);
	CHECK(used() == 1);
	CHECK(dumpd_hints_replace(id, dumpd_secret(memory, 8, NULL)) > 0);
	CHECK(used() == 2);
	CHECK(dumpd_hints_remove(other) == 0);
	CHECK(dumpd_hints_remove(0) == 0);
	CHECK(dumpd_hints_remove(-ENOSPC) == 0);
	CHECK(dumpd_hints_remove(5) == -ENOENT);
	CHECK(dumpd_hints_remove(INT64_MAX) == -ENOENT);
	CHECK(dumpd_hints_replace(0, dumpd_secret(memory, 8, NULL)) > 0);
}

static void wrong(void)
{
	uint64_t length = 8;
	char *p = memory;

	CHECK(dumpd_hints_remove(1) == -ENOENT); /* without a table */
	CHECK(dumpd_hints_add(dumpd_secret(memory, 0, NULL)) == -EINVAL);
	CHECK(dumpd_hints_add(dumpd_keep_pointee_of(&p, &length, 3, 9, 0, NULL)) ==
	      -EINVAL);
	CHECK(dumpd_hints_add(dumpd_keep_pointee_of(&p, NULL, 8, 9, 0, NULL)) == -EINVAL);
	CHECK(dumpd_hints_table_1 == NULL);
	CHECK(dumpd_hints_add(dumpd_keep_pointee_of(&p, &length, 8, 0, 0, NULL)) > 0);
}

static void tags(void)
{
	CHECK(dumpd_hints_add(dumpd_secret(memory, 8, "12345678901234567890123")) > 0);
	CHECK(dumpd_hints_add(dumpd_secret(memory, 8, "123456789012345678901234")) > 0);
	CHECK(dumpd_hints_add(dumpd_secret(memory, 8, "")) > 0);
	CHECK(dumpd_hints_add(dumpd_secret(memory, 8, NULL)) > 0);
	CHECK(strcmp(entry(0)->tag, "12345678901234567890123") == 0);
	CHECK(strcmp(entry(1)->tag, "12345678901234567890123") == 0);
	CHECK(entry(2)->tag[0] == 0 && entry(3)->tag[0] == 0);
}

/* A child has what was said before, and its own from then on. */
static void forked(void)
{
	dumpd_hint_id id = add();
	int status;
	pid_t pid;

	CHECK(id > 0);
	pid = fork();
	if (pid == 0) {
		CHECK(used() == 1);
		CHECK(dumpd_hints_remove(id) == 0);
		CHECK(add() > 0 && add() > 0 && used() == 2);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(used() == 1);
	CHECK(dumpd_hints_remove(id) == 0);
}

static void (*const cases[])(void) = { file_size,  descriptors, address_space, no_memfd,
				       old_kernel, prepared,	full,	       stale,
				       wrong,	   tags,	forked };

int main(void)
{
	const size_t count = sizeof(cases) / sizeof(cases[0]);

	for (size_t i = 0; i < count; i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			errno = 4711;
			cases[i]();
			exit(errno == 4711 ? 0 : 77);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
			fprintf(stderr, "case %zu: status 0x%x\n", i,
				(unsigned int)status);
			return 1;
		}
	}
	printf("%zu cases\n", count);
	return 0;
}
