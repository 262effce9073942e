# SPDX-License-Identifier: MIT
"""What killed and errors share: the handler run again and again by calls.c, where it is alone with a
journal and a kernel's log of its own, and what is left of each run."""
import ctypes
import fcntl
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", "build")
DUMPD = os.path.join(TOP, BUILD, "dumpd")
DUMPCTL = os.path.join(TOP, "build/dumpctl")
TINY = os.path.join(TOP, "tests/recorded/tiny.core.zst")
JOBS = int(os.environ.get("JOBS", "2"))
NO_SUCH_PID = "4194303"
ARGUMENTS = ["11", "tiny", "-d1", "-u0", "-g0", "-c18446744073709551615", "-t1700000000"]
LEFT = 99  # calls.c
KMSG = "/dev/kmsg"
JOURNAL = "/run/systemd/journal/socket"
# Of a handler that cannot read its configuration.
DEFAULT_STORE, DEFAULT_RUNTIME = "/var/lib/dumpd", "/run/dumpd"
ALONE = f"""
mkdir -p /run/systemd && mount -t tmpfs none /run/systemd && mkdir /run/systemd/journal &&
mount -t tmpfs none /var/lib && mkdir {DEFAULT_STORE} &&
mkdir -p -m 700 {DEFAULT_RUNTIME} && mount -t tmpfs -o mode=700 none {DEFAULT_RUNTIME} &&
mount --bind "$1/kmsg" {KMSG} && shift && exec "$@"
"""


def in_parts(script, arguments):
    """The script for each part of the work, side by side and alone; their lines, as they come."""
    parts = []
    for part in range(JOBS):
        work = tempfile.mkdtemp(prefix="f.", dir="/tmp")
        os.chmod(work, 0o755)
        open(os.path.join(work, "kmsg"), "w", encoding="ascii").close()
        command = ["unshare", "-m", "sh", "-c", ALONE, "-", work, script, *arguments, "--part", work, str(part)]
        parts.append((work, subprocess.Popen(command, stdout=subprocess.PIPE, text=True)))
    for work, process in parts:
        yield from process.stdout
        if process.wait() != 0:
            yield f"problem the part in {work} ended with {process.returncode}\n"
        subprocess.run(["rm", "-rf", work], check=True)


def add_up(lines, total):
    """Lines of parts: "sum WHAT", and what is said to people. Return: was there a problem?"""
    problems = 0
    for line in lines:
        word, _, rest = line.rstrip("\n").partition(" ")
        if word == "sum":
            count, _, what = rest.partition(" ")
            total[what] += int(count)
        else:
            problems += word == "problem"
            print("    " + rest, flush=True)
    return problems


def my_part(arguments):
    """(directory, number), or None: this is the whole."""
    if "--part" not in arguments:
        return None
    return arguments[-2], int(arguments[-1])


def say(total):
    """For add_up()."""
    for what, count in total.items():
        print("sum", count, what)


class Journal:
    """Takes what is sent, and does not keep it."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(JOURNAL)
        self.socket.setblocking(False)

    def entries(self):
        """How many have come."""
        count = 0
        while True:
            try:
                _, fds, _, _ = socket.recv_fds(self.socket, 1 << 20, 4)
            except BlockingIOError:
                return count
            for fd in fds:
                os.close(fd)
            count += 1


PATTERN, LIMIT = "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/core_pipe_limit"
PATTERN_LOCK = "/run/lock/dumpd-core-pattern.lock"


class Pattern:
    """The machine's one core_pattern for a while; the lock is for all that want it."""

    def __init__(self, pattern):
        self.wanted = (PATTERN, pattern), (LIMIT, "16")

    def __enter__(self):
        self.lock = open(PATTERN_LOCK, "w", encoding="ascii")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.before = [(path, open(path, encoding="ascii").read()) for path, _ in self.wanted]
        for path, text in self.wanted:
            with open(path, "w", encoding="ascii") as file:
                file.write(text)

    def __exit__(self, *_):
        for path, text in self.before:
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
        self.lock.close()


class HeldProcess:
    """One that dumps core, for as long as the one that the kernel started for it does not read: for handlers that
    get its number, and a core from a file."""

    def __init__(self, work):
        told, script = os.path.join(work, "holder"), os.path.join(work, "hold")
        with open(script, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\necho $$ >{told}.new && mv {told}.new {told}\nexec sleep 100000\n")
        os.chmod(script, 0o755)
        with Pattern(f"|{script} %P"):
            self.process = subprocess.Popen(["sh", "-c", "ulimit -c unlimited; kill -SEGV $$"])
            until = time.monotonic() + 30
            while not os.path.exists(told) and time.monotonic() < until:
                time.sleep(0.01)
        with open(told, encoding="ascii") as file:
            self.holder = int(file.read())
        self.pid = str(self.process.pid)

    def end(self):
        os.kill(self.holder, 9)
        self.process.wait()


class Place:
    """A store, a configuration, a core; and whose it is said to be."""

    def __init__(self, work, kind, *lines, pid=NO_SUCH_PID):
        self.kind, self.pid = kind, pid
        self.directory = os.path.join(work, kind)
        self.store = self.path("store")
        self.conf = self.path("conf")
        self.core = self.path("core")
        os.makedirs(self.store)
        with open(self.conf, "w", encoding="ascii") as file:
            file.write("\n".join(["[Dump]", f"Type={kind.split('-')[0]}", f"Directory={self.store}",
                                  f"RuntimeDirectory={self.path('run')}", "RateDumps=infinity",
                                  "RateUserDumps=infinity", "CoreLimit=ignore", "Deadline=5s", *lines, ""]))
        with open(self.core, "wb") as file:
            subprocess.run(["zstd", "-dcq", TINY], check=True, stdout=file)

    def path(self, name):
        return os.path.join(self.directory, name)

    def command(self):
        return [DUMPD, "--config=" + self.conf, self.pid, *ARGUMENTS, "-I" + self.pid]

    def names(self):
        return [os.path.join(store, name) for store in (self.store, DEFAULT_STORE) if os.path.isdir(store)
                for name in os.listdir(store)]

    def empty(self):
        counts = [os.path.join(DEFAULT_RUNTIME, name) for name in os.listdir(DEFAULT_RUNTIME)]
        for name in self.names() + counts:
            os.unlink(name)

    def left(self):
        """(whole, cut, problems): of the stores."""
        names = self.names()
        problems = [name for name in names if not name.endswith(".zst")]
        if len(names) == 0:
            return 0, 0, []
        said = subprocess.run([DUMPCTL, "verify", "-D", os.path.dirname(names[0])], capture_output=True, text=True,
                              check=False)
        match = re.search(r"verify: (\d+) dumps, (\d+) whole, (\d+) cut, (\d+) damaged$", said.stdout.strip())
        if len(names) != 1 or not match or match[1] != "1" or match[4] != "0":
            return 0, 0, [*problems, f"{names}: {said.stdout!r} {said.stderr!r}"]
        return int(match[2]), int(match[3]), problems


def tracer(work):
    """calls.c, built."""
    path = os.path.join(work, "calls")
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu17", "-D_GNU_SOURCE", "-O1", "-Wall", "-o", path,
                    os.path.join(TOP, "tests/fault/calls.c")], check=True)
    return path


def read_state(path):
    """(calls of the parent, of the worker, number of the call; -1: nothing was done), or None."""
    with open(path, encoding="ascii") as file:
        return tuple(map(int, file.read().split()))


def run(calls, place, role, at, what):
    """The handler with something done at a call: (subprocess.CompletedProcess, state)."""
    state = place.path("state")
    with open(place.core, "rb") as core:
        ended = subprocess.run([calls, state, role, str(at), what, *place.command()], stdin=core,
                               capture_output=True, check=False)
    return ended, read_state(state)


def adopt():
    """Whose parent dies becomes this one's."""
    ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def nobody_left(seconds):
    """All children have ended, whose wait status nobody wants. Those that have not are killed."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.001)
        except ChildProcessError:
            return True
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        for pid in file.read().split():
            os.kill(int(pid), 9)
    return False


def must_be_possible():
    """Or the script is skipped."""
    if os.getuid() != 0:
        print("needs root")
        sys.exit(77)
    if os.uname().machine != "x86_64":
        print("calls.c knows x86-64 only")
        sys.exit(77)
