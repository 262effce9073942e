/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a program: its n-th allocation fails, or all from there on. Whoever allocates counts,
 * the libraries too, in all processes and threads, from main() on. tests/fault/nomem says which one by
 * a file, NOMEM_STATE, and reads from it how many there were.
 *
 * In a build with sanitizers the next malloc() is theirs: leaks and bad frees are seen as ever.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The order is the script's. */
struct state {
	uint64_t at; /* from 1; 0: none fails */
	uint64_t ever; /* not 0: nor do those behind it succeed */
	uint64_t count, failed;
};

static struct state
	*state; /* shared by parent and worker; NULL: main() was not reached */

static bool refused(void)
{
	uint64_t number;

	if (!state)
		return false;
	number = __atomic_add_fetch(&state->count, 1, __ATOMIC_RELAXED);
	if (state->at == 0 || number < state->at || (number > state->at && !state->ever))
		return false;
	(void)__atomic_add_fetch(&state->failed, 1, __ATOMIC_RELAXED);
	errno = ENOMEM;
	return true;
}

/* The function of that name behind this library. */
static void *next(void **cached, const char *name)
{
	if (!*cached)
		*cached = dlsym(RTLD_NEXT, name);
	return *cached;
}

#define WRAPPED(name, parameters, arguments)                       \
	void *name parameters                                      \
	{                                                          \
		static void *cached;                               \
		void *(*real)parameters = next(&cached, #name);    \
                                                                   \
		return refused() || !real ? NULL : real arguments; \
	}

WRAPPED(malloc, (size_t n), (n))
WRAPPED(calloc, (size_t n, size_t size), (n, size))
WRAPPED(realloc, (void *p, size_t n), (p, n))
WRAPPED(reallocarray, (void *p, size_t n, size_t size), (p, n, size))
WRAPPED(aligned_alloc, (size_t alignment, size_t n), (alignment, n))
WRAPPED(memalign, (size_t alignment, size_t n), (alignment, n))

int posix_memalign(void **ret, size_t alignment, size_t n)
{
	static void *cached;
	int (*real)(void **, size_t, size_t) = next(&cached, "posix_memalign");

	return refused() ? ENOMEM : real(ret, alignment, n);
}

static int (*program)(int, char **, char **);

static int armed(int argc, char **argv, char **environment)
{
	const char *path = getenv("NOMEM_STATE");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p;

	if (fd >= 0) {
		p = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		(void)close(fd);
		if (p != MAP_FAILED)
			state = p;
	}
	return program(argc, argv, environment);
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
		      void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
		      void *stack_end);
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
		      void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
		      void *stack_end)
{
	static void *cached;
	typeof(__libc_start_main) *real = next(&cached, "__libc_start_main");

	program = main;
	return real(armed, argc, argv, init, fini, rtld_fini, stack_end);
}
