/* SPDX-License-Identifier: MIT */
/*
 * What debug_program.c loads. With -DNEW it is another build, in which other functions are at the same
 * addresses.
 */
int called;

#ifdef NEW
char pad[100000];

__attribute__((noinline)) int plugin_newer(int a)
{
	pad[a]++;
	return a * called;
}

__attribute__((noinline)) int plugin_newest(int a)
{
	pad[a + 1]++;
	return plugin_newer(a) + plugin_newer(a + 1) + plugin_newer(a + 2);
}
#endif

__attribute__((noinline)) void plugin_inner(int a)
{
	called += a;
	*(volatile int *)0 = a;
}

void plugin_outer(int a)
{
	plugin_inner(a + 1);
	called++;
}
