/* SPDX-License-Identifier: MIT */
/*
 * Crashes. With --build-id=none (with which the linker drops sections .note.gnu.build-id) its notes
 * are what -D says:
 *   NOTE_SIZE=N  a build-id of N bytes
 *   NOTE_TWO     a second one, of 20 other bytes
 *   NOTE_FAR     its note is in another page than the ELF header
 */
#define TEXT_(x) #x
#define TEXT(x)	 TEXT_(x)

#ifdef NOTE_FAR
#define PLACE ".balign 4096;"
#else
#define PLACE ""
#endif

#ifdef NOTE_SIZE
__asm__(".pushsection .note.ours,\"a\",%note;" PLACE ".balign 4; .long 4; .long " TEXT(
	NOTE_SIZE) "; .long 3; .asciz \"GNU\";"
		   ".fill " TEXT(NOTE_SIZE) ", 1, 0xa5; .balign 4; .popsection");
#endif
#ifdef NOTE_TWO
__asm__(".pushsection .note.ours,\"a\",%note; .balign 4; .long 4; .long 20; .long 3;"
	".asciz \"GNU\"; .fill 20, 1, 0x5a; .popsection");
#endif

int main(void)
{
	*(volatile int *)0 = 1;
	return 0;
}
