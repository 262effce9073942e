/* SPDX-License-Identifier: MIT */
/*
 * signals HOW: ends by a signal whose si_code is a certain one.
 * signals wait [WORD]: waits to be ended. signals send|tsend PID CODE SENDER: sends SIGSEGV with that code, in the
 * name of that process.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

volatile int never;

static void maperr(void)
{
	*(volatile int *)0x123450 = 1;
}

static void accerr(void)
{
	*(volatile char *)(void *)maperr = 1;
}

/* Bits 48 to 63 are not those of bit 47. */
static void noncanonical(void)
{
	never = *(volatile int *)0x1234567890abcdef;
}

static void on_signal(int number)
{
	never = number;
}

/* There is a handler, and no memory for its frame. */
static void noframe(void)
{
	(void)signal(SIGSEGV, on_signal);
	__asm__ volatile("mov $0x10000, %%rsp\n\tmovl $1, 0x123450" ::: "memory");
}

static void buserr(void)
{
	char name[] = "/tmp/signals.XXXXXX";
	int fd = mkstemp(name);

	(void)unlink(name);
	*(volatile char *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) = 1;
}

static void illegal(void)
{
	__asm__ volatile("ud2");
}

static void divide(void)
{
	volatile int zero = 0;

	never = 100 / zero; /* 1 / x needs no division */
}

static void breakpoint(void)
{
	__asm__ volatile("int3");
}

static void forbidden(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
		(void)getppid();
}

static void timer(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGSEGV };
	struct itimerspec when = { .it_value.tv_nsec = 1000000 };
	timer_t id;

	if (timer_create(CLOCK_MONOTONIC, &event, &id) == 0 &&
	    timer_settime(id, 0, &when, NULL) == 0)
		(void)pause();
}

static void wait_here(void)
{
	for (;;)
		(void)pause();
}

__attribute__((noinline, noclone)) static int descend(int depth)
{
	volatile char frame[4096];

	frame[0] = (char)depth;
	return never ? depth : descend(depth + 1) + frame[0];
}

static void overflow(void)
{
	never = descend(1);
}

/* One frame that is larger than the guard. */
static void leap(void)
{
	volatile char frame[9 << 20];

	frame[0] = 1;
	never = frame[0];
}

static void *in_thread(void *how)
{
	((void (*)(void))how)();
	return NULL;
}

static void thread_of(void (*how)(void))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, in_thread, (void *)how) == 0)
		(void)pthread_join(thread, NULL);
}

static void thread(void)
{
	thread_of(overflow);
}

static void leap_thread(void)
{
	thread_of(leap);
}

static void *sleeper(void *unused)
{
	wait_here();
	return unused;
}

/* The other thread's stack is not to be dumped. */
static void undumped(void)
{
	void *stack = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attributes;
	pthread_t other;

	if (madvise(stack, 1 << 20, MADV_DONTDUMP) == 0 &&
	    pthread_attr_init(&attributes) == 0 &&
	    pthread_attr_setstack(&attributes, stack, 1 << 20) == 0 &&
	    pthread_create(&other, &attributes, sleeper, NULL) == 0 &&
	    usleep(100000) == 0)
		maperr();
}

/* A handler on the very stack that is used up. */
static void unhandled(void)
{
	(void)signal(SIGSEGV, on_signal);
	overflow();
}

static void give_up(int number)
{
	never = number;
	abort();
}

static void back_to_default(int number)
{
	(void)signal(number, SIG_DFL); /* and the instruction faults again */
}

static void on_other_stack(void (*handler)(int))
{
	stack_t other = { .ss_sp = malloc(65536), .ss_size = 65536 };
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_ONSTACK };

	if (sigaltstack(&other, NULL) == 0 && sigaction(SIGSEGV, &action, NULL) == 0)
		overflow();
}

static void altstack(void)
{
	on_other_stack(give_up);
}

static void altstack_thread(void)
{
	thread_of(altstack);
}

static void altstack_again(void)
{
	on_other_stack(back_to_default);
}

#ifndef MADV_GUARD_INSTALL /* Linux 6.13 */
#define MADV_GUARD_INSTALL 102
#endif

#define GUARDED_SIZE ((size_t)1 << 20)

static void *guarded_stack(void)
{
	void *stack = mmap(NULL, GUARDED_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return madvise(stack, 16384, MADV_GUARD_INSTALL) == 0 ? stack : NULL;
}

/* The guard is in the stack's own mapping, as glibc has it since 2.42. */
static void thread_on(void (*how)(void))
{
	void *stack = guarded_stack();
	pthread_attr_t attributes;
	pthread_t thread;

	if (stack && pthread_attr_init(&attributes) == 0 &&
	    pthread_attr_setstack(&attributes, stack, GUARDED_SIZE) == 0 &&
	    pthread_create(&thread, &attributes, in_thread, (void *)how) == 0)
		(void)pthread_join(thread, NULL);
}

static void guarded(void)
{
	thread_on(overflow);
}

static void guarded_altstack(void)
{
	thread_on(altstack);
}

/* Whether there are such guards here. */
static void guards(void)
{
	_exit(guarded_stack() ? 0 : 1);
}

/* Not below any stack, though the stack pointer is near its end. */
static void wild(void)
{
	never = *(volatile int *)0x7000;
}

static const struct {
	const char *name;
	void (*how)(void);
} hows[] = {
	{ "maperr", maperr },
	{ "accerr", accerr },
	{ "noncanonical", noncanonical },
	{ "noframe", noframe },
	{ "buserr", buserr },
	{ "illegal", illegal },
	{ "divide", divide },
	{ "breakpoint", breakpoint },
	{ "forbidden", forbidden },
	{ "timer", timer },
	{ "abort", abort },
	{ "wait", wait_here },
	{ "overflow", overflow },
	{ "thread", thread },
	{ "leap-thread", leap_thread },
	{ "unhandled", unhandled },
	{ "altstack", altstack },
	{ "altstack-thread", altstack_thread },
	{ "altstack-again", altstack_again },
	{ "undumped", undumped },
	{ "wild", wild },
	{ "guarded", guarded },
	{ "guarded-altstack", guarded_altstack },
	{ "guards", guards },
};

static int send_signal(char **argv)
{
	siginfo_t info = { .si_signo = SIGSEGV, .si_code = atoi(argv[3]) };
	pid_t pid = atoi(argv[2]);

	info.si_pid = atoi(argv[4]);
	info.si_uid = 0;
	return argv[1][0] == 't'
		       ? (int)syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGSEGV, &info)
		       : (int)syscall(SYS_rt_sigqueueinfo, pid, SIGSEGV, &info);
}

int main(int argc, char **argv)
{
	if (argc == 5)
		return send_signal(argv) ? 9 : 0;
	for (size_t i = 0; argc > 1 && i < sizeof(hows) / sizeof(hows[0]); i++) {
		if (strcmp(hows[i].name, argv[1]) == 0)
			hows[i].how();
	}
	return 9;
}
