# SPDX-License-Identifier: MIT
"""Stops hints_threads again and again, as a crash would, and looks at its table.

    hints_stopped.py PID THREADS MEMORY TIMES

At every stop each thread's secret is covered, and every entry that is set is whole.
"""
import os
import signal
import struct
import sys
import time

from hints_table import tables


def stopped(pid):
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/stat", encoding="utf-8", errors="replace") as stat:
            if stat.read().rpartition(")")[2].split()[0] not in "Tt":
                return False
    return True


def look(table, threads, memory):
    covered, busy = set(), 0
    capacity = struct.unpack_from("<I", table, 8)[0]
    for at in range(64, 64 + capacity * 64, 64):
        state, kind, priority, width, address, length, length_at, tag, rest = struct.unpack_from(
            "<B3xBBBxQQQ24sQ", table, at)
        assert state <= 2, state
        busy += state == 1
        if state != 2:
            continue
        thread, other = divmod((address - memory) // 256, 2)
        text = bytes([97 + length // 26, 97 + length % 26]) + b"x"
        assert (address - memory) % 256 == 0 and 0 <= thread < threads, hex(address)
        assert kind == (1 if other else 4) or (kind, length) == (3, 7), (kind, other)
        assert 1 <= length <= 200 and priority == length and tag == text.ljust(24, b"\0"), (length, priority, tag)
        assert (width, length_at, rest) == (0, 0, 0)
        if kind == 4:
            covered.add(thread)
    assert covered == set(range(threads)), sorted(set(range(threads)) - covered)
    return busy


def main():
    pid, threads, memory, times = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3], 16), int(sys.argv[4])
    start, end = next(tables(pid))
    busy = 0
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as window:
        for _ in range(times):
            os.kill(pid, signal.SIGSTOP)
            while not stopped(pid):
                time.sleep(0)
            window.seek(start)
            busy += look(window.read(end - start), threads, memory)
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.0005)
    print(f"{times} stops, {busy} entries were being written")


main()
