/* SPDX-License-Identifier: MIT */
/*
 * program LIBRARY: a process to be recorded. Three threads are in a library that was loaded with
 * dlopen: the first one and a worker wait there, the third dies there, in a signal handler on an
 * alternate stack. Each pointee has pages of its own. The library is this file, too: -DLIBRARY.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/recorded/beacon.h"

struct item {
	struct item *next;
	const char *text; /* elsewhere on the heap */
	char name[24];
	uint64_t value;
};

/* What the program asks of the library, and what the library uses of the program. */
struct call {
	int number;
	struct item *items;
	void (*arrived)(struct call *call);
	void (*place)(const char *what, int number, const volatile void *p, size_t size,
		      int kind);
	struct item *(*make)(const char *what, int number, struct item *next);
};

#ifdef LIBRARY

/* More than glibc gives a late library of static TLS (rtld.optional_static_tls): 512 bytes. */
__thread char library_note[1600] = "as it was linked";
__thread struct item *library_item;
struct item *library_global;
volatile uint64_t library_never;

uint64_t library_run(struct call *call)
{
	struct call mine = *call;
	struct item on_stack = { .next = call->items, .name = "in the library" };

	library_item = call->make("of dlopen'ed TLS", call->number, NULL);
	if (!library_global)
		library_global = call->make("of a library's global", call->number, NULL);
	memset(library_note, 'a' + call->number, sizeof(library_note) - 1);
	call->place("dlopen'ed TLS", call->number, library_note, sizeof(library_note),
		    PLACE_STACKS);
	call->place("dlopen'ed TLS pointer", call->number, &library_item,
		    sizeof(library_item), PLACE_STACKS);
	call->place("library's frame", call->number, &on_stack, sizeof(on_stack),
		    PLACE_STACKS);
	if (call->number == 1)
		call->place("library's global", 1, &library_global,
			    sizeof(library_global), PLACE_STACKS);
	mine.arrived(&mine);
	library_never = on_stack.next->value;
	return on_stack.value;
}

#else

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PAGE	  4096ul
#define STACK	  (256ul << 10)
#define DEAD	  (24ul << 20) /* three times what mini takes by default */
#define BESIDE	  (64ul << 10)
#define TAGGED	  (512ul << 10) /* small memory beside an object is the linker's */
#define APART	  (32ul << 10) /* malloc maps what is larger than 128 KiB */
#define LIST	  6
#define TAG	  0x5aull /* arm64 ignores the highest byte of a data pointer (TBI) */
#define PROT_MTE_ 0x20

static uint64_t (*run)(struct call *call);
static __thread char static_note[600] = "as it was linked";
static __thread struct item *static_item;
static volatile int arrived_so_far;
static volatile struct beacon beacon;
static char bss[3 * PAGE];
struct item *global_item;
char global_text[64] = "of the link";
volatile uint64_t never;

static uint64_t turned(const volatile void *p)
{
	return (uint64_t)(uintptr_t)p ^ BEACON_TURN;
}

static void place(const char *what, int number, const volatile void *p, size_t size,
		  int kind)
{
	volatile struct beacon_place *place = &beacon.places[beacon.place_count++];

	if (beacon.place_count >= BEACON_PLACES)
		_exit(8);
	(void)snprintf((char *)place->name, sizeof(place->name), "%s %d", what, number);
	place->address = turned(p);
	place->size = size;
	place->kind = (uint64_t)kind;
}

static void say_thread(const char *name, const volatile void *stack, const void *end)
{
	volatile struct beacon_thread *thread = &beacon.threads[beacon.thread_count++];

	strcpy((char *)thread->name, name);
	thread->tid = (uint64_t)gettid();
	thread->tls = turned(__builtin_thread_pointer());
	thread->stack = turned(stack);
	thread->stack_end = turned(end);
	place("static TLS", (int)beacon.thread_count, static_note, sizeof(static_note),
	      PLACE_STACKS);
	place("static TLS pointer", (int)beacon.thread_count, &static_item,
	      sizeof(static_item), PLACE_STACKS);
}

/* Memory of malloc that has no neighbour on its pages. */
static void *apart(size_t size)
{
	char *memory = calloc(1, APART);

	if (!memory || size > PAGE)
		_exit(8);
	return (void *)(((uintptr_t)memory + APART / 2) & ~(PAGE - 1));
}

static struct item *make(const char *what, int number, struct item *next)
{
	struct item *item = apart(sizeof(*item));
	char *text = apart(64);

	(void)snprintf(text, 64, "text on the heap of %s", what);
	(void)snprintf(item->name, sizeof(item->name), "%s", what);
	item->text = text;
	item->next = next;
	item->value = (uint64_t)number;
	place(what, number, item, sizeof(*item), PLACE_MINI);
	place("its text,", number, text, 64, PLACE_MINI);
	return item;
}

static struct item *make_list(int number)
{
	struct item *list = NULL;

	for (int i = 0; i < LIST; i++) {
		struct item *item = apart(sizeof(*item));

		(void)snprintf(item->name, sizeof(item->name), "list %d of %d", i,
			       number);
		item->next = list;
		item->value = (uint64_t)i;
		place("list", 10 * number + i, item, sizeof(*item), PLACE_MINI);
		list = item;
	}
	return list;
}

/* Frames with signed return addresses, where the machine signs them (pac-ret). */
__attribute__((noinline, target("branch-protection=pac-ret"))) static void
die_here(const char *why, int depth)
{
	volatile char spoken[64] = "a passphrase on the stack of the dead";
	struct item *nothing = (struct item *)(uintptr_t)(depth > 100 ? depth : 0);

	if (depth < 3) {
		die_here(why, depth + 1);
	} else {
		place("innermost frame", depth, spoken, sizeof(spoken), PLACE_STACKS);
		nothing->value = 1;
	}
	never = (uint64_t)spoken[why[0] & 15];
}

static void arrived(struct call *call)
{
	if (call->number == 3)
		die_here("for the record", 0);
	arrived_so_far++;
	for (;;)
		(void)pause();
}

static void enter(int number)
{
	struct call call = { number, make_list(number), arrived, place, make };

	static_item = make("of static TLS", number, NULL);
	memset(static_note, 'A' + number, sizeof(static_note) - 1);
	never = run(&call);
}

static void on_signal(int signal)
{
	volatile char on_it[128] = "on the alternate stack";

	place("alternate stack", 3, on_it, sizeof(on_it), PLACE_STACKS);
	never = (uint64_t)signal;
	enter(3);
	never = (uint64_t)on_it[0];
}

static void *worker(void *argument)
{
	pthread_attr_t attributes;
	size_t size;
	void *stack;

	if (pthread_getattr_np(pthread_self(), &attributes) ||
	    pthread_attr_getstack(&attributes, &stack, &size))
		_exit(8);
	say_thread("worker", stack, (char *)stack + size);
	enter(2);
	return argument;
}

/* Between guards, or the kernel makes it one mapping with its neighbours. */
static void *alternate_stack(void)
{
	char *memory = mmap(NULL, STACK + 2 * PAGE, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t stack = { .ss_sp = memory + PAGE, .ss_size = STACK };

	if (memory == MAP_FAILED ||
	    mprotect(memory + PAGE, STACK, PROT_READ | PROT_WRITE) ||
	    sigaltstack(&stack, NULL))
		_exit(8);
	return memory + PAGE;
}

/* Allocation tags make a program header of another kind: PT_AARCH64_MEMTAG_MTE. */
static struct item *memory_with_tags(void)
{
	char *memory = mmap(NULL, TAGGED, PROT_READ | PROT_WRITE | PROT_MTE_,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct item *item = (struct item *)(void *)(memory + TAGGED / 2);

	if (memory == MAP_FAILED)
		_exit(8);
	strcpy(item->name, "with allocation tags");
	place("with allocation tags", 3, item, sizeof(*item), PLACE_MINI);
	return item;
}

__attribute__((noinline)) static void interrupt_me(void)
{
	volatile char interrupted[128] = "under the alternate stack";
	struct item *volatile found = make("of a frame under a handler", 3, NULL);
	struct item *volatile with_tags = memory_with_tags();
	struct item *volatile tagged =
		(struct item *)((uintptr_t)make("by a tagged pointer", 3, NULL) |
				TAG << 56);

	place("interrupted frame", 3, interrupted, sizeof(interrupted), PLACE_STACKS);
	if (raise(SIGUSR1) || tagged->value != 3)
		_exit(8);
	never = found->value + (uint64_t)interrupted[0] + with_tags->value;
}

static void *dying(void *argument)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_ONSTACK };
	char *stack = alternate_stack();

	while (arrived_so_far < 2)
		(void)usleep(10000);
	(void)usleep(200000); /* into pause() */
	say_thread("dying", stack, stack + STACK);
	if (sigaction(SIGUSR1, &action, NULL))
		_exit(8);
	interrupt_me();
	return argument;
}

static void start(void *(*function)(void *))
{
	pthread_attr_t attributes;
	pthread_t thread;

	if (pthread_attr_init(&attributes) ||
	    pthread_attr_setstacksize(&attributes, STACK) ||
	    pthread_create(&thread, &attributes, function, NULL))
		_exit(8);
}

/* Memory that nothing points to: more than mini has room for. */
__attribute__((noinline)) static void leave_dead_memory(void)
{
	char *dead = mmap(NULL, DEAD, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (dead == MAP_FAILED)
		_exit(8);
	for (size_t i = 0; i < DEAD; i += 16)
		memcpy(dead + i, "dead memory 0x0;", 16);
	/* the kernel makes one mapping of it and the stack below, and some of that is kept */
	place("dead memory", 0, dead + BESIDE, DEAD - BESIDE, PLACE_HEAP);
}

static void say_globals(void)
{
	strcpy(global_text, "of the process");
	memset(bss, 'b', sizeof(bss));
	global_item = make("of a global", 0, NULL);
	place("global pointer", 0, &global_item, sizeof(global_item), PLACE_STACKS);
	place(".data", 0, global_text, sizeof(global_text), PLACE_STACKS);
	place(".bss", 0, bss, sizeof(bss), PLACE_STACKS);
	place("beacon", 0, &beacon, sizeof(beacon), PLACE_STACKS);
}

/* Where glibc.mem.tagging is set, a check fails in dlopen here; only the tags are wanted. */
static void stop_checking_tags(void)
{
	if (prctl(PR_SET_TAGGED_ADDR_CTRL,
		  PR_TAGGED_ADDR_ENABLE | 0xfffeul << PR_MTE_TAG_SHIFT, 0, 0, 0))
		_exit(8);
}

int main(int argc, char **argv)
{
	char on_stack[64] = "of the first thread";
	void *library;

	stop_checking_tags();
	library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
	if (!library)
		return 9;
	run = (uint64_t(*)(struct call *))dlsym(library, "library_run");
	beacon.size = sizeof(beacon);
	beacon.mark = BEACON_MARK ^ BEACON_TURN;
	leave_dead_memory();
	say_globals();
	place("initial stack", 1, on_stack, sizeof(on_stack), PLACE_STACKS);
	place("AT_RANDOM", 1, (void *)getauxval(AT_RANDOM), 16, PLACE_STACKS);
	say_thread("first", on_stack, (void *)getauxval(AT_RANDOM));
	start(worker);
	while (arrived_so_far < 1)
		(void)usleep(10000);
	start(dying);
	enter(1);
	never = (uint64_t)on_stack[0];
	return 0;
}

#endif
