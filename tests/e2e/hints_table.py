# SPDX-License-Identifier: MIT
"""The tables of hints of a process that runs, read by the ABI that dumpd-hints(3) describes.

    hints_table.py PID

One line "table CAPACITY" for each, then "KIND ADDRESS LENGTH PRIORITY TAG" for each entry that
is set, with " at LENGTH_AT/WIDTH" behind it if its length is elsewhere.
"""
import re
import struct
import sys

KINDS = {1: "keep", 2: "pointee", 3: "drop", 4: "secret", 5: "text"}


def tables(pid):
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            found = re.fullmatch(
                r"([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 \S+ \d+ +/memfd:dumpd-hints \(deleted\)\n", line)
            if found:
                yield int(found[1], 16), int(found[2], 16)


def show(table):
    magic, version, size, capacity, first = struct.unpack_from("<4sHHII", table)
    assert (magic, version, size, first) == (b"DHNT", 1, 64, 64), table[:64]
    assert table[20:64] == bytes(44)
    print("table", capacity)
    for at in range(first, first + capacity * size, size):
        state, kind, priority, width, address, length, length_at, tag, rest = struct.unpack_from(
            "<B3xBBBxQQQ24sQ", table, at)
        assert state <= 2 and rest == 0 and table[at + 7] == 0, table[at : at + size]
        if state != 2:
            continue
        text = tag.rstrip(b"\0").decode()
        elsewhere = f" at {length_at:#x}/{width}" if length_at else ""
        print(f"{KINDS[kind]} {address:#x} {length} {priority} {text}{elsewhere}")


def main():
    pid = sys.argv[1]
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end in tables(pid):
            memory.seek(start)
            show(memory.read(end - start))


if __name__ == "__main__":
    main()
