# SPDX-License-Identifier: MIT
"""What a program in Python says of its memory to whoever dumps it after a crash.

    import dumpd_hints

    hints = dumpd_hints.Table()
    key = bytearray(32)
    with hints.secret(key, tag="session key"):
        read_into(key)
        ...

Nothing but the standard library. The table is written by hand, as the head of dumpd-hints.h
and dumpd-hints(3) describe it. Objects with a writable buffer (bytearray, array, memoryview,
mmap, ctypes) can be named; they are held, and cannot be resized, until their hint is removed.
What Python copied elsewhere on the way (bytes and str cannot be wiped) is not covered.

Run as a program it shows itself, and then crashes or waits:

    echo password | python3 dumpd_hints.py crash
"""
import ctypes
import mmap
import os
import struct
import threading

MAGIC = b"DHNT"
HEADER = struct.Struct("<4sHHII48x")
ENTRY = struct.Struct("<xxxxBBBxQQQ24s8x")
STATE_FREE, STATE_BUSY, STATE_SET = 0, 1, 2
KEEP, KEEP_POINTEE, DROP, SECRET, TEXT = 1, 2, 3, 4, 5


class Hint:
    """What was said, until remove() or the end of a with statement."""

    def __init__(self, table, at, held):
        self._table, self._at, self._held = table, at, held

    def remove(self):
        if self._held is not None:
            self._table._free(self._at)
            self._held = None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.remove()


class Table:
    """One for the program is enough; a process may have 16."""

    def __init__(self, capacity=1024):
        size = HEADER.size + capacity * ENTRY.size
        fd = os.memfd_create("dumpd-hints", os.MFD_CLOEXEC)
        try:
            os.ftruncate(fd, size)
            self._map = mmap.mmap(fd, size, flags=mmap.MAP_PRIVATE)
        finally:
            os.close(fd)
        self._lock = threading.RLock()
        self._unused = list(range(capacity - 1, -1, -1))
        header = HEADER.pack(b"", 1, ENTRY.size, capacity, HEADER.size)
        self._map[4 : HEADER.size] = header[4:]
        self._map[0:4] = MAGIC  # last: from now on it is a table

    def keep(self, buffer, priority=0, tag=""):
        """In every dump that has memory at all, as the budget allows; priority 0 first."""
        return self._add(KEEP, buffer, tag, priority)

    def drop(self, buffer, tag=""):
        """Of no use to a debugger."""
        return self._add(DROP, buffer, tag)

    def secret(self, buffer, tag=""):
        """In no dump. Say it before the secret is there, remove it when it is wiped."""
        return self._add(SECRET, buffer, tag)

    def text(self, buffer, tag=""):
        """Goes into the record of the crash, up to its first NUL."""
        return self._add(TEXT, buffer, tag)

    def replace(self, old, new):
        """new is what one of the above returned: it holds already, so old may end."""
        old.remove()
        return new

    def _add(self, kind, buffer, tag, priority=0):
        view = memoryview(buffer).cast("B")
        if len(view) == 0:
            raise ValueError("a hint of no bytes")
        held = (ctypes.c_char * len(view)).from_buffer(view)
        text = tag.encode()[: 24 - 1]
        entry = ENTRY.pack(kind, priority, 0, ctypes.addressof(held), len(view), 0, text)
        with self._lock:
            if not self._unused:
                raise OSError(28, "the table of hints is full")
            at = self._unused.pop()
            offset = HEADER.size + at * ENTRY.size
            self._map[offset] = STATE_BUSY
            self._map[offset + 4 : offset + ENTRY.size] = entry[4:]
            self._map[offset] = STATE_SET  # last
        return Hint(self, at, held)

    def _free(self, at):
        with self._lock:
            self._map[HEADER.size + at * ENTRY.size] = STATE_FREE
            self._unused.append(at)


def main(arguments):
    def said(what, buffer):
        held = (ctypes.c_char * len(buffer)).from_buffer(buffer)
        print(what, hex(ctypes.addressof(held)), len(buffer))

    hints = Table()
    password = bytearray(64)
    secret = hints.secret(password, tag="password")
    os.readv(0, [password])
    state = bytearray(b"order 4711: waits for its customer")
    hints.keep(state, priority=2, tag="state")
    why = bytearray(200)
    hints.text(why, tag="why")
    with hints.drop(why, tag="not any more"):
        pass
    longer = bytearray(128)
    secret = hints.replace(secret, hints.secret(longer, tag="longer"))
    longer[: len(password)] = password
    ctypes.memset((ctypes.c_char * 64).from_buffer(password), 0, 64)
    said("secret", longer)
    said("keep", state)
    said("text", why)
    print("ready", flush=True)
    if arguments == ["crash"]:
        why[:26] = b"order 4711 has no customer"
        os.abort()
    threading.Event().wait()


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
