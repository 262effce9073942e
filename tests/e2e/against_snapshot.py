# SPDX-License-Identifier: MIT
"""against_snapshot.py CORE DIR LEAST: every byte that a dump has is what programs/snapshot.c saw.

DIR/pages has what was in memory while the process was held. What was not is content of its file
(DIR/maps says which), or zeros where there is no file. Prints how many bytes were compared and how many
differ; fails if one does, or if fewer than LEAST were there to compare: an empty dump is not right.
"""
import bisect
import mmap
import os
import struct
import sys

from corelab import Core

HEAD = struct.Struct("<QQ")
PAGE = 4096
EXAMPLES = 3
# They are the kernel's, and what they show changes with the clock.
NOT_COMPARED = ("[vvar", "[vdso]", "[vsyscall]")


class Pages:
    """What was present, by address."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.starts, self.places = [], []
        at = 0
        while at < len(self.data):
            address, length = HEAD.unpack_from(self.data, at)
            self.starts.append(address)
            self.places.append((address, at + HEAD.size, length))
            at += HEAD.size + length
        assert self.starts == sorted(self.starts), "the snapshot is not in order"

    def at(self, address, length):
        """(bytes from ADDRESS on or None, how many bytes that holds for)"""
        i = bisect.bisect_right(self.starts, address)
        if i:
            start, place, n = self.places[i - 1]
            if address < start + n:
                n = min(length, start + n - address)
                return self.data[place + address - start:place + address - start + n], n
        until = self.starts[i] - address if i < len(self.starts) else length
        return None, min(length, until)


class Maps:
    """What a page that was not present is made of."""

    def __init__(self, path):
        self.maps = []
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                fields = line.rstrip("\n").split(None, 5)
                start, end = (int(part, 16) for part in fields[0].split("-"))
                name = fields[5] if len(fields) > 5 else ""
                self.maps.append((start, end, int(fields[2], 16), int(fields[4]), name))

    def at(self, address):
        return next((m for m in self.maps if m[0] <= address < m[1]), None)

    def compared(self, address):
        mapping = self.at(address)
        return not mapping or not mapping[4].startswith(NOT_COMPARED)

    def content(self, address, length):
        """(what is behind the page at ADDRESS or None, how many bytes that holds for)"""
        mapping = self.at(address)
        if mapping is None:
            return None, length
        start, end, offset, inode, name = mapping
        length = min(length, end - address)
        if inode == 0:
            return bytes(length), length
        if name.endswith(" (deleted)"):
            # What its file had is in the snapshot; the rest is a hole.
            return bytes(length), length
        with open(name, "rb") as file:
            if os.fstat(file.fileno()).st_ino != inode:
                return None, length
            return os.pread(file.fileno(), length, offset + address - start).ljust(length, b"\0"), length


class Comparison:
    def __init__(self, core, directory):
        self.core = core
        self.pages = Pages(os.path.join(directory, "pages"))
        self.maps = Maps(os.path.join(directory, "maps"))
        self.compared = self.present = self.different = 0
        self.examples = []

    def run(self):
        for load in self.core.loads():
            if load["offset"] + load["filesz"] > len(self.core.data):
                sys.exit(f"the segment at {load['vaddr']:#x} ends past the end of the file")
            if self.maps.compared(load["vaddr"]):
                self.segment(load["vaddr"], load["offset"], load["filesz"])

    def segment(self, address, offset, left):
        while left:
            want, n = self.pages.at(address, left)
            self.present += n if want is not None else 0
            if want is None:
                want, n = self.maps.content(address, n)
            self.piece(address, self.core.data[offset:offset + n], want)
            address, offset, left = address + n, offset + n, left - n

    def piece(self, address, got, want):
        self.compared += len(got)
        if got == want:
            return
        if want is None:
            self.different += len(got)
            self.examples.append(f"{address:#x}: {len(got)} bytes of nothing that was mapped")
            return
        for page in range(0, len(got), PAGE):
            self.page(address + page, got[page:page + PAGE], want[page:page + PAGE])

    def page(self, address, got, want):
        wrong = [i for i, (a, b) in enumerate(zip(got, want)) if a != b]
        if not wrong:
            return
        self.different += len(wrong)
        first = wrong[0] & ~7
        mapping = self.maps.at(address)
        self.examples.append(f"{address + first:#x}: {len(wrong)} in this page, first {got[first:first + 8].hex()}, "
                             f"was {want[first:first + 8].hex()} {mapping[4] if mapping else ''}")


def main():
    path, directory, least = sys.argv[1:]
    comparison = Comparison(Core(path), directory)
    comparison.run()
    print(f"compared {comparison.compared}, of them present {comparison.present}, "
          f"different {comparison.different}")
    for example in comparison.examples[:EXAMPLES]:
        print("  " + example)
    if comparison.present < int(least):
        print(f"  at least {least} were to be compared")
    sys.exit(comparison.different > 0 or comparison.present < int(least))


if __name__ == "__main__":
    main()
