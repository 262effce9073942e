/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dumpctl/debug_relay.h"

/* Until a terminal that another program has is looked at again. */
#define AGAIN_MS 200

/* At the end: how long a terminal that takes nothing is waited for, and how often at most. */
#define LAST_MS	   10
#define LAST_STEPS 200

enum watched {
	SIGNALS,
	MASTER_IN,
	MASTER_OUT,
	TYPED,
	SHOWN,
	WATCHED
};

/*
 * Not with the descriptor that there is, which others have, too: it must not wait. Of what cannot be opened so, a
 * terminal of another namespace, that one.
 */
static int open_terminal(int fd, int mode)
{
	char path[32];
	int own;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd); /* fits */
	own = open(path, mode | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return own < 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : own;
}

static int open_pty(const struct isolate_user *user, struct debug_relay *relay)
{
	char name[64];

	relay->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (relay->master < 0 || grantpt(relay->master) < 0 ||
	    unlockpt(relay->master) < 0 ||
	    ptsname_r(relay->master, name, sizeof(name)) != 0)
		return -errno;
	relay->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (relay->slave < 0 || fchown(relay->slave, user->uid, (gid_t)-1) < 0)
		return -errno;
	return 0;
}

/* What the caller's terminal does by itself as long as it is not raw is done once. */
static void set_pty(const struct debug_relay *relay, int like, bool raw)
{
	struct termios mode;

	if (tcgetattr(like, &mode) < 0)
		return;
	if (!raw) {
		mode.c_lflag &= ~(tcflag_t)ECHO;
		mode.c_oflag &= ~(tcflag_t)OPOST;
	}
	(void)tcsetattr(relay->slave, TCSANOW, &mode); /* then it is as new */
}

/* The terminals of the caller's that are used; -1 in ret->to: there is none. */
static int open_terminals(struct debug_relay *ret)
{
	int shown = -1;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		ret->is_terminal[fd] = isatty(fd) == 1;
	if (ret->is_terminal[STDOUT_FILENO])
		shown = STDOUT_FILENO;
	else if (ret->is_terminal[STDERR_FILENO])
		shown = STDERR_FILENO;
	else if (ret->is_terminal[STDIN_FILENO])
		shown = STDIN_FILENO;
	if (shown < 0)
		return 0;
	ret->to = open_terminal(shown, O_WRONLY);
	if (ret->is_terminal[STDIN_FILENO])
		ret->from = open_terminal(STDIN_FILENO, O_RDONLY);
	if (ret->to < 0 || (ret->is_terminal[STDIN_FILENO] && ret->from < 0))
		return -errno;
	ret->typing = ret->from >= 0;
	ret->raw = shown == STDOUT_FILENO && ret->from >= 0 &&
		   tcgetattr(ret->from, &ret->before) == 0;
	return 0;
}

int debug_relay_open(const struct isolate_user *user, struct debug_relay *ret)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->master = ret->slave = ret->from = ret->to = -1;
	r = open_terminals(ret);
	if (r < 0 || ret->to < 0)
		return r;
	r = open_pty(user, ret);
	if (r == 0) {
		set_pty(ret, ret->to, ret->raw);
		debug_relay_resize(ret);
	}
	return r;
}

void debug_relay_begin(struct debug_relay *relay)
{
	struct termios mode = relay->before;

	if (!relay->raw)
		return;
	cfmakeraw(&mode);
	(void)tcsetattr(relay->from, TCSADRAIN,
			&mode); /* a terminal that is gone says so when it is read */
}

int debug_relay_enter(const struct debug_relay *relay)
{
	if (setsid() < 0)
		return -errno;
	if (relay->slave < 0)
		return 0;
	if (ioctl(relay->slave, TIOCSCTTY, 0) < 0)
		return -errno;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (relay->is_terminal[fd] && dup2(relay->slave, fd) < 0)
			return -errno;
	}
	return 0;
}

void debug_relay_resize(const struct debug_relay *relay)
{
	struct winsize size;

	if (relay->master >= 0 && ioctl(relay->to, TIOCGWINSZ, &size) == 0)
		(void)ioctl(relay->master, TIOCSWINSZ, &size); /* or it stays as it is */
}

static bool has(const struct debug_bytes *bytes)
{
	return bytes->start < bytes->end;
}

/* Return: false where there is an end. */
static bool fill(int fd, struct debug_bytes *bytes)
{
	ssize_t n = read(fd, bytes->bytes, sizeof(bytes->bytes));

	if (n > 0) {
		bytes->start = 0;
		bytes->end = (size_t)n;
	}
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool drain(int fd, struct debug_bytes *bytes)
{
	ssize_t n = write(fd, bytes->bytes + bytes->start, bytes->end - bytes->start);

	if (n > 0)
		bytes->start += (size_t)n;
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* Lines are ours; what is typed where there are none is another's, who asked for that. */
static bool is_ours(const struct debug_relay *relay)
{
	struct termios mode;

	return relay->raw ||
	       (tcgetattr(relay->from, &mode) == 0 && (mode.c_lflag & ICANON));
}

/* Ctrl-D at a terminal that has lines: it is one for the pty, too. */
static void pass_end(struct debug_relay *relay)
{
	struct termios mode;

	relay->typing = false;
	if (relay->raw || tcgetattr(relay->slave, &mode) < 0)
		return;
	relay->typed =
		(struct debug_bytes){ .bytes = { (char)mode.c_cc[VEOF] }, .end = 1 };
}

static void move(struct debug_relay *relay, const struct pollfd *fds)
{
	if (fds[TYPED].revents && !fill(relay->from, &relay->typed))
		pass_end(relay);
	if (fds[MASTER_OUT].revents && !drain(relay->master, &relay->typed))
		relay->typed.start = relay->typed.end;
	if (fds[MASTER_IN].revents)
		(void)fill(relay->master,
			   &relay->printed); /* EIO: nobody has the pty open */
	if (fds[SHOWN].revents && !drain(relay->to, &relay->printed))
		relay->printed.start = relay->printed.end; /* nobody sees it */
}

/* One wait, and what can go over then. Return: what poll(2) does. */
static int step(struct debug_relay *relay, int fd, int milliseconds)
{
	bool reads = relay->typing && !has(&relay->typed), ours = reads && is_ours(relay);
	struct pollfd fds[WATCHED] = {
		[SIGNALS] = { .fd = fd, .events = POLLIN },
		[MASTER_IN] = { .fd = has(&relay->printed) ? -1 : relay->master,
				.events = POLLIN },
		[MASTER_OUT] = { .fd = has(&relay->typed) ? relay->master : -1,
				 .events = POLLOUT },
		[TYPED] = { .fd = ours ? relay->from : -1, .events = POLLIN },
		[SHOWN] = { .fd = has(&relay->printed) ? relay->to : -1,
			    .events = POLLOUT },
	};
	int n;

	if (reads && !ours && (milliseconds < 0 || milliseconds > AGAIN_MS))
		milliseconds = AGAIN_MS;
	n = poll(fds, WATCHED, milliseconds);
	if (n > 0)
		move(relay, fds);
	return n > 0 && fds[SIGNALS].revents ? 0 : n;
}

void debug_relay_until(struct debug_relay *relay, int fd, int milliseconds)
{
	(void)step(relay, fd, milliseconds);
}

/* Not for ever: what the debugger left behind may still print. */
static void show_last(struct debug_relay *relay)
{
	relay->typing = false;
	relay->typed.start = relay->typed.end;
	for (int i = 0; i < LAST_STEPS; i++) {
		if (step(relay, -1, has(&relay->printed) ? LAST_MS : 0) <= 0 &&
		    !has(&relay->printed))
			return;
	}
}

static void close_one(int fd)
{
	if (fd >= 0)
		(void)close(fd); /* of terminals */
}

void debug_relay_close(struct debug_relay *relay)
{
	if (relay->master >= 0)
		show_last(relay);
	if (relay->raw)
		(void)tcsetattr(relay->from, TCSAFLUSH,
				&relay->before); /* or it is gone */
	close_one(relay->slave);
	close_one(relay->master);
	close_one(relay->from);
	close_one(relay->to);
}
