# SPDX-License-Identifier: MIT
"""terminal.py OUT ROWSxCOLUMNS [EXPECTED KEYS]... -- COMMAND...: a command at a terminal of its own.

It is the first process of a session there, as a login shell is. When EXPECTED, a regular expression, was printed
after what was expected before, KEYS (with Python's escapes) are typed; "!ROWSxCOLUMNS" changes the window. OUT gets
what was printed, and in lines at its end: "modes same" if the terminal's are those of before, "left TEXT" if
something typed was not read, and "status N". Nothing printed for 60 s is a failure.
"""
import fcntl
import os
import re
import select
import struct
import sys
import termios
import time


def resize(fd, text):
    rows, columns = text.split("x")
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))


def become(slave, command):
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)
    # of the test's own; a terminal in a descriptor above is not what is tried
    os.closerange(3, 64)
    os.execvp(command[0], command)


def left(slave):
    """What a shell would read next."""
    os.set_blocking(slave, False)
    try:
        return os.read(slave, 4096)
    except BlockingIOError:
        return b""


def act(master, keys):
    if keys.startswith("!"):
        resize(master, keys[1:])
    else:
        os.write(master, keys.encode().decode("unicode_escape").encode())


def main():
    arguments = sys.argv[1:]
    split = arguments.index("--")
    out, size, *script = arguments[:split]
    steps = [(re.compile(script[i].encode()), script[i + 1]) for i in range(0, len(script), 2)]
    master, slave = os.openpty()
    resize(master, size)
    before = termios.tcgetattr(slave)
    child = os.fork()
    if child == 0:
        os.environ["TEST_TERMINAL"] = os.ttyname(slave)
        become(slave, arguments[split + 1:])
    text, seen, status, until = b"", 0, None, time.monotonic() + 60
    while status is None or select.select([master], [], [], 0.2)[0]:
        if select.select([master], [], [], 0.05)[0]:
            text += os.read(master, 65536)
            until = time.monotonic() + 60
        if steps:
            found = steps[0][0].search(text, seen)
            if found:
                seen = found.end()
                act(master, steps.pop(0)[1])
        if status is None:
            pid, status_now = os.waitpid(child, os.WNOHANG)
            if pid:
                status = os.waitstatus_to_exitcode(status_now)
        if time.monotonic() > until:
            os.kill(child, 9)
            text += b"\nterminal.py: nothing more is printed"
            until += 60
    after = termios.tcgetattr(slave)
    with open(out, "wb") as f:
        f.write(text.replace(b"\r", b"") + b"\nmodes %s\n" % (b"same" if before == after else b"changed"))
        typed = left(slave)
        if typed:
            f.write(b"left %s\n" % repr(typed).encode())
        f.write(b"expected %d\nstatus %d\n" % (len(steps), status))


main()
