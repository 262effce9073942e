# SPDX-License-Identifier: MIT
"""One crash for several handlers: what `tee -p` is in a pipeline, but every reader's exit
code is kept, and a reader that lets go early never blocks the others.

    fan.py DIR DUMPD ARGUMENT...    as core_pattern starts it: the core on standard input

Keeps the stream as DIR/kernel.core and the arguments as DIR/arguments (NUL-terminated), runs
`DUMPD --config=DIR/NAME.conf ARGUMENT...` for every DIR/*.conf, `DIR/NAME.handler ARGUMENT...`
for every such file, and leaves DIR/NAME.rc, DIR/NAME.err and DIR/NAME.rss (KiB: the largest that the
handler or its worker was, by wait4(2); never less than this script is). With a file DIR/in-turn they run
one after the other, each with the whole stream, so that they do not take each other's time. Standard input stays open until all are done: with core_pipe_limit above 0
the kernel keeps the crashed process until then, and the test's wait() ends after all of it.
"""
import glob
import os
import subprocess
import sys
import time


def fill_standard_descriptors():
    """The kernel gives 0 (and 3 for %F); 1 and 2 would be reused by what is opened next."""
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (1, 2):
        if null != fd:
            os.dup2(null, fd)
    if null > 3:
        os.close(null)


def environment(prefix):
    """The kernel gives almost none. A sanitizer's report must not end in /dev/null."""
    directory, name = os.path.split(prefix)
    log = os.path.join(os.path.dirname(directory), "reports", name)
    return {"ASAN_OPTIONS": f"log_path={log}", "UBSAN_OPTIONS": f"log_path={log}:print_stacktrace=1"}


def handlers(directory, dumpd):
    """[(prefix, command)]"""
    configs = sorted(glob.glob(os.path.join(directory, "*.conf")))
    others = sorted(glob.glob(os.path.join(directory, "*.handler")))
    return ([(os.path.splitext(c)[0], [dumpd, "--config=" + c]) for c in configs] +
            [(os.path.splitext(h)[0], [h]) for h in others])


def start(prefix, command, arguments):
    pass_fds = [3] if any(a.startswith("-F") for a in arguments) else []
    with open(prefix + ".err", "wb") as err:
        process = subprocess.Popen(
            [os.fsencode(word) for word in command + arguments],
            stdin=subprocess.PIPE, stdout=err, stderr=err, cwd="/", bufsize=0,
            env=environment(prefix), pass_fds=pass_fds)
    return prefix, process


def pause(directory):
    """DIR/pause: the test has something to do to the process before the stream goes on."""
    if os.path.exists(os.path.join(directory, "pause")):
        os.rename(os.path.join(directory, "pause"), os.path.join(directory, "paused"))
        while os.path.exists(os.path.join(directory, "paused")):
            time.sleep(0.01)


def pump(directory, source, processes, full):
    open_inputs = [p.stdin for _, p in processes]
    while True:
        data = os.read(source, 1 << 20)
        if not data:
            break
        if full and full.tell() == 0:
            pause(directory)
        if full:
            full.write(data)
        for pipe in list(open_inputs):
            try:
                view = memoryview(data)
                while view:
                    view = view[pipe.write(view):]
            except BrokenPipeError:
                open_inputs.remove(pipe)
        if not open_inputs and not full:
            break
    for _, process in processes:
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass


def finish(processes):
    for prefix, process in processes:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        with open(prefix + ".rss", "w", encoding="ascii") as out:
            out.write(f"{usage.ru_maxrss}\n")
        with open(prefix + ".rc", "w", encoding="ascii") as out:
            out.write(f"{process.returncode}\n")


def at_once(directory, commands, arguments):
    with open(os.path.join(directory, "kernel.core"), "wb") as full:
        processes = [start(*command, arguments) for command in commands]
        pump(directory, 0, processes, full)
    finish(processes)


def in_turn(directory, commands, arguments):
    core = os.path.join(directory, "kernel.core")
    with open(core, "wb") as full:
        pump(directory, 0, [], full)
    for command in commands:
        processes = [start(*command, arguments)]
        with open(core, "rb", buffering=0) as full:
            pump(directory, full.fileno(), processes, None)
        finish(processes)


def main():
    fill_standard_descriptors()
    directory, dumpd, arguments = sys.argv[1], sys.argv[2], sys.argv[3:]
    with open(os.path.join(directory, "arguments"), "wb") as out:
        out.write(b"".join(os.fsencode(a) + b"\0" for a in arguments))
    how = in_turn if os.path.exists(os.path.join(directory, "in-turn")) else at_once
    how(directory, handlers(directory, dumpd), arguments)
    os.rename(os.path.join(directory, "arguments"), os.path.join(directory, "done"))


main()
