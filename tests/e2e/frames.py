# SPDX-License-Identifier: MIT
"""For gdb: one line per frame of every thread, in a form that two cores can be compared by.

FRAMES_INNER and FRAMES_OUTER limit what is printed of a thread; all frames are walked and
counted, because the outermost ones show whether the whole stack is there. A stack that
overflowed has thousands, and a difference of a few lines should be readable.
"""
import os

import gdb

INNER = int(os.environ.get("FRAMES_INNER", "200"))
OUTER = int(os.environ.get("FRAMES_OUTER", "50"))


def lines_of(thread):
    thread.switch()
    lines = []
    end = ""
    frame = None
    try:
        frame = gdb.newest_frame()
        while frame is not None:
            lines.append(f"#{len(lines)} {frame.pc():#x} {frame.name() or '??'}")
            inner, frame = frame, frame.older()
            end = gdb.frame_stop_reason_string(inner.unwind_stop_reason())
    except gdb.error as error:
        end = f"error: {error}"
    return lines, end


def main():
    gdb.execute("set pagination off")
    gdb.execute("set backtrace past-main off")
    threads = sorted(gdb.selected_inferior().threads(), key=lambda t: t.ptid[1] or t.ptid[0])
    print(f"threads {len(threads)}")
    for thread in threads:
        lines, end = lines_of(thread)
        print(f"thread {thread.ptid[1] or thread.ptid[0]} frames {len(lines)} end: {end}")
        if len(lines) > INNER + OUTER:
            lines = lines[:INNER] + ["..."] + lines[-OUTER:]
        for line in lines:
            print("  " + line)
    for name in ("si_signo", "si_code"):
        try:
            print(f"{name} {int(gdb.parse_and_eval('$_siginfo.' + name))}")
        except gdb.error as error:
            print(f"{name} error: {error}")
    print(gdb.execute("info sharedlibrary", to_string=True).strip())


main()
