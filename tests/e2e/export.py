# SPDX-License-Identifier: MIT
"""The fields of journal entries, out of `journalctl -o export` on standard input: a line for each entry,
its COREDUMP_PID, the number of its fields and their sorted names, each as often as it comes. Without what
journald adds by itself, for it looks at a sender that may be gone.
"""
import struct, sys


def entries(data):
    entry, at = [], 0
    while at < len(data):
        end = data.index(b"\n", at)
        line = data[at:end]
        at = end + 1
        if not line:
            yield entry
            entry = []
        elif b"=" in line:
            entry.append(tuple(line.split(b"=", 1)))
        else: # binary: a name, 8 bytes of length, so many bytes, a newline
            n = struct.unpack_from("<Q", data, at)[0]
            entry.append((line, data[at + 8:at + 8 + n]))
            at += 8 + n + 1
    if entry:
        yield entry


for fields in entries(sys.stdin.buffer.read()):
    pid = dict(fields).get(b"COREDUMP_PID", b"?").decode()
    names = sorted(name.decode() for name, _ in fields if not name.startswith(b"_"))
    print(pid, len(names), ",".join(names))
