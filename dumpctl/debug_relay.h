/* SPDX-License-Identifier: MIT */
/*
 * A terminal of the debugger's own, for a debugger that is not to have the caller's: on that one it could change settings,
 * read what is typed after its end, and, with legacy TIOCSTI, type for root. It gets a pty in a session of its own in
 * place of each terminal among standard input, output and error; what of them is no terminal it gets as it is.
 *
 * Where input and output are terminals, the caller's is raw as long as this lasts, and all that is typed, Ctrl-C as
 * well, goes to the pty. Where only one is (`| less', `<commands'), it stays as it is, and lines go over as they
 * are typed; while another program has it in a mode without lines, as pagers do, it is that one's, and is not read.
 *
 * Ctrl-Z does nothing: nobody would continue the debugger. What is printed goes to the terminal as it is, as a debugger's
 * own screen needs that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "base/cleanup.h"
#include "handler/isolate.h"

/* Bytes on their way. */
struct debug_bytes {
	char bytes[4096];
	size_t start, end;
};

struct debug_relay {
	int master, slave; /* -1: there is no terminal */
	int from, to; /* the caller's, opened anew; -1: there is none */
	bool typing; /* from has not come to its end */
	bool is_terminal[3]; /* of standard input, output, error */
	bool raw;
	struct termios before; /* of from */
	struct debug_bytes typed, printed;
};

/* user: owns the pty. Return: 0 or negative errno; then, too, ret is to be closed. */
int debug_relay_open(const struct isolate_user *user,
		     struct debug_relay *ret) _must_check_;

/* The caller's terminal as the relay has it; once more after the caller was stopped and continued. */
void debug_relay_begin(struct debug_relay *relay);

/* In the child, before it gives up its rights: a session, and the pty in place of terminals. Return: 0 or negative errno. */
int debug_relay_enter(const struct debug_relay *relay) _must_check_;

/* The window of the caller's terminal is another. */
void debug_relay_resize(const struct debug_relay *relay);

/* Bytes go over until fd can be read, or the time is up; milliseconds, -1: without end. */
void debug_relay_until(struct debug_relay *relay, int fd, int milliseconds);

/* What the debugger printed last, and then the caller's terminal as it was; what was typed and not read is lost. */
void debug_relay_close(struct debug_relay *relay);
