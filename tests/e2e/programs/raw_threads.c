/* SPDX-License-Identifier: MIT */
/*
 * raw_threads MIB: threads by clone(2), whose CLONE_CHILD_CLEARTID words are in memory of the program's
 * own, not where a C library has them; the first thread's word and robust list, too, are moved there.
 */
#include <linux/futex.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>

#include "release.h"

#define THREADS 5
#define STACK	(64 * 1024)
#define FLAGS                                                               \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | \
	 CLONE_SYSVSEM | CLONE_CHILD_CLEARTID)

static struct {
	struct robust_list_head head;
	struct robust_list entry;
	int padding, word;
} list;
static int *words;
static volatile int here;

static int thread(void *argument)
{
	__atomic_add_fetch(&here, 1, __ATOMIC_SEQ_CST);
	for (;;)
		(void)pause();
	return argument != NULL;
}

static int *word(size_t i)
{
	return words + i * 4096 / sizeof(*words);
}

static void start(size_t i)
{
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(stack != MAP_FAILED);
	*word(i) = (int)(0x11111111 * (i + 1));
	MUST(clone(thread, stack + STACK, FLAGS, NULL, NULL, NULL, word(i)) > 0);
}

int main(int argc, char **argv)
{
	MUST(argc == 2);
	(void)private_memory(strtoul(argv[1], NULL, 10));
	words = mmap(NULL, (THREADS + 1) * 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(words != MAP_FAILED);
	for (size_t i = 0; i < THREADS; i++)
		start(i);
	while (here < THREADS)
		(void)usleep(1000);
	*word(THREADS) = 0x77777777;
	MUST(syscall(SYS_set_tid_address, word(THREADS)) > 0);
	list.head.list.next = &list.entry;
	list.entry.next = &list.head.list;
	list.head.futex_offset = (long)((char *)&list.word - (char *)&list.entry);
	list.word = (int)syscall(SYS_gettid);
	MUST(syscall(SYS_set_robust_list, &list.head, sizeof(list.head)) == 0);
	crash(*word(0));
}
