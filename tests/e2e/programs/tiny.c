/* SPDX-License-Identifier: MIT */
/* No libc, no loader, no heap, no thread pointer: the least that can crash. */

int tiny_global = 1; /* at run time 77 */

__attribute__((noinline, noclone)) static void tiny_crash(int *where)
{
	*(volatile int *)where = tiny_global;
}

__attribute__((noinline, noclone)) static void tiny_caller(int *where)
{
	tiny_crash(where);
	tiny_global++;
}

void _start(void);
void _start(void)
{
	tiny_global = 77;
	tiny_caller((int *)0);
	for (;;)
		;
}
