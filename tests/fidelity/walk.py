# SPDX-License-Identifier: MIT
"""For gdb: everything that a person could ask about a core, as JSON for compare.py.

    WALK_OUT     the file to write
    WALK_OWN     regular expression: the libraries that are the program's own
    WALK_TLS     expressions, one a line, to evaluate in every thread
    WALK_PRETTY  1: also locals as the pretty-printers show them
"""
import json
import os
import sys
import time

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import objects  # noqa: E402
import pretty  # noqa: E402
import values  # noqa: E402

# The deepest program here has a tenth of it; a stack that overflowed has 100,000.
FRAMES_MAX = 2000
REGISTERS = {"i386:x86-64": ("rip", "rsp", "rbp", "rbx", "r12", "r13", "r14", "r15"),
             "i386": ("eip", "esp", "ebp", "ebx", "esi", "edi"),
             "aarch64": ("pc", "sp", "x19", "x20", "x21", "x29", "x30")}


def registers(frame):
    found = []
    for name in REGISTERS.get(frame.architecture().name(), ()):
        try:
            found.append(f"{int(frame.read_register(name)) & (1 << 64) - 1:#x}")
        except gdb.error as error:
            found.append(str(error))
    return found


def blocks(frame):
    """From the innermost outward, as `info locals` goes."""
    try:
        block = frame.block()
    except (RuntimeError, gdb.error):
        return
    while block is not None and not block.is_global and not block.is_static:
        yield block
        if block.function is not None:
            return
        block = block.superblock


def symbols(frame):
    """(key, symbol): the same name may be there in several blocks."""
    for depth, block in enumerate(blocks(frame)):
        for symbol in block:
            if symbol.is_variable or symbol.is_argument:
                yield f"{symbol.name}@{depth}:{symbol.line}", symbol


def locals_of(frame, reader):
    found = {}
    for key, symbol in symbols(frame):
        try:
            found[key] = reader.of(symbol.value(frame))
        except gdb.MemoryError as error:
            found[key] = [["?", str(error)], {}]
        except (gdb.error, RuntimeError) as error:
            found[key] = [["-", str(error)], {}]
    return found


def frame_of(frame, reader):
    place = frame.find_sal()
    return {"function": frame.name() or "??", "pc": f"{frame.pc():#x}",
            "line": f"{place.symtab.filename}:{place.line}" if place.symtab else "",
            "registers": registers(frame), "locals": locals_of(frame, reader)}


def frames(reader):
    found, end = [], ""
    try:
        frame = gdb.newest_frame()
        while frame is not None and len(found) < FRAMES_MAX:
            found.append(frame_of(frame, reader))
            inner, frame = frame, frame.older()
            end = gdb.frame_stop_reason_string(inner.unwind_stop_reason())
    except gdb.error as error:
        end = f"error: {error}"
    return found, end


def handle(thread):
    """pthread_t: there only if libthread_db could read what it needs."""
    try:
        return thread.handle().hex()
    except (gdb.error, RuntimeError, NotImplementedError):
        return ""


def signal_info():
    try:
        return ["t", gdb.parse_and_eval("$_siginfo").format_string(raw=True)]
    except gdb.error as error:
        return ["?", str(error)]


def thread_of(thread, process, reader, expressions):
    thread.switch()
    found, end = frames(reader)
    gdb.newest_frame().select()
    return {"identity": [str(thread.ptid), thread.name or "", handle(thread)],
            "frames": found, "end": end, "siginfo": signal_info(),
            "tls": process.thread_local(reader, expressions)}


def main():
    started = time.monotonic()
    gdb.execute("set pagination off")
    gdb.execute("set backtrace past-main off")
    reader = values.Values()
    process = objects.Objects(os.environ.get("WALK_OWN"))
    expressions = os.environ.get("WALK_TLS", "").splitlines()
    threads = sorted(gdb.selected_inferior().threads(), key=lambda t: t.num)
    walk = {"threads": {str(t.ptid[1] or t.ptid[0]): thread_of(t, process, reader, expressions)
                        for t in threads},
            "libraries": process.libraries, "globals": process.variables(reader),
            "nodes": reader.nodes}
    if os.environ.get("WALK_PRETTY") == "1":
        walk["pretty"] = pretty.walk(threads, symbols, FRAMES_MAX)
    walk["seconds"] = round(time.monotonic() - started, 1)
    with open(os.environ["WALK_OUT"], "w", encoding="utf-8") as out:
        json.dump(walk, out)


main()
