/* SPDX-License-Identifier: MIT */
/*
 * The first process of the machine that records: it lets the program crash, plainly and with
 * glibc's memory tagging, and writes the cores that the kernel made to the serial line.
 *
 * For each "CORE size\n", then a letter per page: P and 4,096 bytes, R the page before once more (zeros
 * are before the first); then E.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define PAGE 4096

static FILE *line;

static void give_up(const char *what)
{
	if (line) {
		fprintf(line, "FAILED %s\n", what);
		(void)fflush(line);
	}
	(void)tcdrain(1);
	(void)reboot(RB_POWER_OFF);
	_exit(1);
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file))
		give_up(path);
}

/* PL011, the "virt" machine's only serial line. */
static void open_line(void)
{
	struct termios raw;
	int fd;

	(void)mkdir("/dev", 0755);
	(void)mknod("/dev/ttyAMA0", S_IFCHR | 0600, makedev(204, 64));
	fd = open("/dev/ttyAMA0", O_RDWR | O_NOCTTY);
	if (fd < 0 || tcgetattr(fd, &raw))
		give_up("the serial line");
	cfmakeraw(&raw);
	(void)tcsetattr(fd, TCSANOW, &raw);
	line = fdopen(fd, "w");
}

static void crash(char *variable)
{
	static char *const arguments[] = { "/program", "/library.so", "an argument",
					   NULL };
	char *const environment[] = { "WORD=a secret of the environment", variable,
				      NULL };
	static const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)setrlimit(RLIMIT_CORE, &unlimited);
		execve(arguments[0], arguments, environment);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WCOREDUMP(status)) {
		fprintf(line, "status 0x%x\n", status);
		give_up("no core was dumped");
	}
}

static void send_core(void)
{
	static char before[PAGE], page[PAGE];
	FILE *core = fopen("/core", "r");
	struct stat stat;
	size_t n;

	if (!core || fstat(fileno(core), &stat))
		give_up("/core");
	fprintf(line, "CORE %lld\n", (long long)stat.st_size);
	while ((n = fread(page, 1, PAGE, core)) > 0) {
		memset(page + n, 0, PAGE - n);
		if (memcmp(page, before, PAGE) == 0) {
			(void)fputc('R', line);
			continue;
		}
		(void)fputc('P', line);
		(void)fwrite(page, 1, PAGE, line);
		memcpy(before, page, PAGE);
	}
	(void)fputc('E', line);
	(void)fclose(core);
	(void)unlink("/core");
}

int main(void)
{
	open_line();
	(void)mkdir("/proc", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL))
		give_up("/proc");
	write_text("/proc/sys/kernel/printk", "0 0 0 0");
	write_text("/proc/sys/kernel/core_pattern", "/core");
	crash("OTHER=no setting");
	send_core();
	crash("GLIBC_TUNABLES=glibc.mem.tagging=1");
	send_core();
	give_up("nothing: this is the end");
	return 1;
}
