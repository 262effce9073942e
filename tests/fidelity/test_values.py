# SPDX-License-Identifier: MIT
"""values.py outside gdb: what is read of memory that is there in pieces."""
import sys
import types
import unittest

PAGE = 4096
AT = 0x10000


class Inferior:
    """Ranges of memory; a read must be in one, as gdb's must be in one of a core's."""

    def __init__(self, ranges):
        self.ranges = ranges

    def read_memory(self, address, size):
        for start, data in self.ranges:
            if start <= address and address + size <= start + len(data):
                return data[address - start:address - start + size]
        raise sys.modules["gdb"].error("Cannot access memory")


def memory(*ranges):
    gdb = types.ModuleType("gdb")
    gdb.error = type("error", (RuntimeError,), {})
    gdb.selected_inferior = lambda: Inferior(ranges)
    sys.modules["gdb"] = gdb
    sys.modules.pop("values", None)
    import values
    return values.Memory()


class String(unittest.TestCase):
    def test_pieces(self):
        whole = b"a" * 300
        for name, ranges, want in (
                ("a page", [(AT, b"abc\0" + bytes(PAGE - 4))], [b"abc\0"]),
                ("a window that ends with it", [(AT, b"abc\0")], [b"abc\0"]),
                ("a window that ends before its end", [(AT, b"abc")], [None]),
                ("a window behind its beginning", [(AT + 1, b"bc\0")], [None]),
                ("nothing", [], [None]),
                ("longer than gdb shows", [(AT, whole)], [whole[:200]]),
                ("longer than the window", [(AT, whole[:199])], [None])):
            with self.subTest(name):
                self.assertEqual(memory(*ranges).string(AT), want)

    def test_pages(self):
        start = AT + PAGE - 3
        for name, ranges, want in (
                ("over the end of a page", [(start, b"abcdef\0")], [b"abc", b"def\0"]),
                ("its second piece is missing", [(start, b"abc")], [b"abc", None]),
                ("its first piece is missing", [(start + 3, b"def\0")], [None, b"def\0"])):
            with self.subTest(name):
                self.assertEqual(memory(*ranges).string(start), want)


if __name__ == "__main__":
    unittest.main()
