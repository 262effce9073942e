/* SPDX-License-Identifier: MIT */
/*
 * The handler that does nothing: what it holds a process for is what the kernel takes to start a
 * program and to tear the process down. No handler can be faster.
 */
int main(void)
{
	return 0;
}
