/* SPDX-License-Identifier: MIT */
/*
 * liar LIE: a process that is sound but for one lie, told just before it dies, about where its
 * libraries, its stack or its thread's data are. A second thread waits, with locals of its own.
 * What must not call the C library any more (no thread pointer, no stack) is written in
 * instructions: x86-64 only.
 */
#include <asm/prctl.h>
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define DISTINCT __attribute__((noinline, noclone))
#define NOWHERE	 ((void *)0x123456789000)
#define NODES	 20000

struct item {
	struct item *next;
	char name[24];
};

/* glibc 2.35: what follows where r_version is 2. */
struct namespace
{
	struct r_debug base;
	struct namespace *next;
};

static struct item *items;
static char *other_stack; /* an address in the second thread's frames */
static char *other_thread; /* and its control block */
static char *page; /* of data: no code, no stack */
static __thread int tls_number = -1;
static ucontext_t context_of_main, context_of_first, context_of_second;
static sigjmp_buf back;
volatile int never;

static void push(const char *name)
{
	struct item *item = calloc(1, sizeof(*item));

	if (!item)
		_exit(9);
	strncpy(item->name, name, sizeof(item->name) - 1);
	item->next = items;
	items = item;
}

DISTINCT static void crash_here(struct item *item)
{
	*(volatile int *)16 = item->name[0];
}

/* The loader's list. */

/* Not _r_debug: the executable's would be a copy, without what came later. */
static struct r_debug *loader(void)
{
	ElfW(Dyn) *entry = _DYNAMIC;

	while (entry->d_tag != DT_DEBUG)
		entry++;
	return (struct r_debug *)entry->d_un.d_ptr;
}

static struct link_map *last_object(void)
{
	struct link_map *map = loader()->r_map;

	while (map->l_next)
		map = map->l_next;
	return map;
}

static void lie_cycle(void)
{
	last_object()->l_next = loader()->r_map;
}

static void lie_self(void)
{
	struct link_map *map = loader()->r_map->l_next;

	map->l_next = map;
}

static void lie_names(void)
{
	for (struct link_map *map = loader()->r_map; map; map = map->l_next)
		map->l_name = NOWHERE;
}

static void lie_version(void)
{
	loader()->r_version = 0x7fffffff;
}

static void lie_namespaces(void)
{
	loader()->r_version = 2;
	((struct namespace *)loader())->next = (struct namespace *)loader();
}

static void lie_map(void)
{
	loader()->r_map = NOWHERE;
}

static void lie_next(void)
{
	loader()->r_map->l_next = NOWHERE;
}

/* Longer than any process' list, and each node is sound. */
static void lie_long(void)
{
	struct link_map *map = last_object();

	for (int i = 0; i < NODES; i++) {
		struct link_map *next = calloc(1, sizeof(*next));

		if (!next)
			_exit(9);
		*next = *loader()->r_map;
		next->l_prev = map;
		next->l_next = NULL;
		map->l_next = next;
		map = next;
	}
}

/* DT_DEBUG, by which all of it is found. */
static void lie_dynamic(void)
{
	ElfW(Dyn) *entry = _DYNAMIC;
	uintptr_t start = (uintptr_t)entry & -4096ul;

	if (mprotect((void *)start, 8192, PROT_READ | PROT_WRITE) < 0)
		_exit(9);
	for (; entry->d_tag != DT_NULL; entry++) {
		if (entry->d_tag == DT_DEBUG)
			entry->d_un.d_ptr = (uintptr_t)NOWHERE;
	}
}

/* The thread pointer. Nothing that follows reads it: canaries are off. */

static void set_thread_pointer(void *to)
{
	long r = SYS_arch_prctl;

	__asm__ volatile("syscall"
			 : "+a"(r)
			 : "D"((long)ARCH_SET_FS), "S"(to)
			 : "rcx", "r11", "memory");
}

static void lie_tls_heap(void)
{
	set_thread_pointer(items);
}

static void lie_tls_other(void)
{
	set_thread_pointer(other_thread);
}

static void lie_tls_nowhere(void)
{
	set_thread_pointer((void *)0x1234000);
}

/* Between this frame and main's: whatever took it for the stack's end would lose main. */
static void lie_tls_frames(void)
{
	set_thread_pointer((char *)__builtin_frame_address(0) + 64);
}

/* Stack pointer and program counter. */

static void die_at(void *sp, void *pc)
{
	__asm__ volatile("mov %0, %%rsp\n\txor %%ebp, %%ebp\n\tjmp *%1" ::"r"(sp), "r"(pc)
			 : "memory");
}

static void die_with(void *sp)
{
	__asm__ volatile("mov %0, %%rsp\n\tmovl $1, 16" ::"r"(sp) : "memory");
}

static void lie_sp_other(void)
{
	die_with(other_stack);
}

static void lie_sp_nowhere(void)
{
	die_with((void *)0x123456789000);
}

static void lie_sp_top(void)
{
	die_with((void *)-16l);
}

static void lie_sp_code(void)
{
	die_with((void *)crash_here);
}

static void lie_sp_heap(void)
{
	die_with(page + 2048);
}

static void lie_pc_null(void)
{
	((void (*)(void))(uintptr_t)never)();
	never = 1;
}

static void lie_pc_data(void)
{
	((void (*)(void))(void *)page)();
	never = 1;
}

static void lie_all_nowhere(void)
{
	set_thread_pointer((void *)0x1234000);
	die_at((void *)0x123456789000, NULL);
}

/* Stacks that are not where the kernel put them. */

DISTINCT static int descend(int depth)
{
	volatile char frame[1000];

	frame[0] = (char)depth;
	if (never)
		return depth;
	return descend(depth + 1) + frame[0];
}

DISTINCT static void on_overflow(int signal)
{
	int mine = signal * 3;

	crash_here(items);
	never = mine;
}

static void *overflow(void *argument)
{
	stack_t other = { .ss_sp = malloc(65536), .ss_size = 65536 };
	struct sigaction action = { .sa_handler = on_overflow,
				    .sa_flags = SA_ONSTACK | SA_RESETHAND };
	char mine[16] = "overflows";

	if (!other.ss_sp || sigaltstack(&other, NULL) < 0 ||
	    sigaction(SIGSEGV, &action, NULL) < 0)
		_exit(9);
	never = descend(1);
	return argument ? argument : mine;
}

/* On a thread's stack, which has its control block above. */
static void lie_altstack(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	if (pthread_attr_init(&attr) || pthread_attr_setstacksize(&attr, 256 * 1024) ||
	    pthread_create(&thread, &attr, overflow, NULL))
		_exit(9);
	(void)pthread_join(thread, NULL);
}

static void second_coroutine(void)
{
	char mine[24] = "of the second coroutine";

	crash_here(items);
	never = mine[0];
}

static void first_coroutine(void)
{
	struct item mine = { .next = items, .name = "of the first" };

	(void)swapcontext(&context_of_first, &context_of_second);
	never = mine.name[0];
}

static void make_coroutine(ucontext_t *context, void (*run)(void))
{
	if (getcontext(context) < 0)
		_exit(9);
	context->uc_stack.ss_size = 65536;
	context->uc_stack.ss_sp = malloc(65536);
	context->uc_link = &context_of_main;
	if (!context->uc_stack.ss_sp)
		_exit(9);
	makecontext(context, run, 0);
}

static void lie_coroutine(void)
{
	make_coroutine(&context_of_first, first_coroutine);
	make_coroutine(&context_of_second, second_coroutine);
	(void)swapcontext(&context_of_main, &context_of_first);
}

DISTINCT static void deep(int depth)
{
	volatile char frame[512];

	frame[0] = (char)depth;
	if (depth == 0)
		siglongjmp(back, 1);
	deep(depth - 1);
	never = frame[0];
}

static void lie_longjmp(void)
{
	if (sigsetjmp(back, 1) == 0)
		deep(100);
}

static void lie_nothing(void)
{
}

static const struct lie {
	const char *name;
	void (*tell)(void);
} lies[] = {
	{ "nothing", lie_nothing },
	{ "cycle", lie_cycle },
	{ "self", lie_self },
	{ "names", lie_names },
	{ "version", lie_version },
	{ "namespaces", lie_namespaces },
	{ "map", lie_map },
	{ "next", lie_next },
	{ "long", lie_long },
	{ "dynamic", lie_dynamic },
	{ "tls-heap", lie_tls_heap },
	{ "tls-other", lie_tls_other },
	{ "tls-nowhere", lie_tls_nowhere },
	{ "tls-frames", lie_tls_frames },
	{ "sp-other", lie_sp_other },
	{ "sp-nowhere", lie_sp_nowhere },
	{ "sp-top", lie_sp_top },
	{ "sp-code", lie_sp_code },
	{ "sp-heap", lie_sp_heap },
	{ "pc-null", lie_pc_null },
	{ "pc-data", lie_pc_data },
	{ "all-nowhere", lie_all_nowhere },
	{ "altstack", lie_altstack },
	{ "coroutine", lie_coroutine },
	{ "longjmp", lie_longjmp },
};

DISTINCT static void tell(const struct lie *lie, struct item *item)
{
	struct item mine = { .next = item, .name = "of the liar" };
	volatile char room[16384]; /* main is pages away */

	room[0] = room[sizeof(room) - 1] = 1;
	lie->tell();
	crash_here(&mine);
	never = mine.name[0];
}

DISTINCT static void wait_here(struct item *item)
{
	struct item mine = { .next = item, .name = "of the second thread" };

	tls_number = 2;
	other_thread = (char *)pthread_self();
	other_stack = (char *)&mine;
	for (;;)
		(void)pause();
	never = mine.name[0];
}

static void *second_thread(void *argument)
{
	wait_here(argument);
	return NULL;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "nothing";
	pthread_t thread;

	push("third");
	push("second");
	push("first");
	tls_number = 1;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (page == MAP_FAILED || pthread_create(&thread, NULL, second_thread, items))
		return 9;
	memset(page, 0x90, 4096);
	(void)usleep(100000); /* into pause() */
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		if (strcmp(lies[i].name, name) == 0)
			tell(&lies[i], items);
	}
	return 8;
}
