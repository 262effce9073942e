# SPDX-License-Identifier: MIT
"""Stored files with a seek table that make much out of little, out of one good one: bombs.py GOOD DIR.

And what a reader takes: bombs.py --cost SECONDS MIB COMMAND... runs it with that much processor time and
memory at most, and ends as it does; 99 if it took more.
"""
import json
import os
import resource
import struct
import subprocess
import sys

RECORD_MAGIC, SLACK_MAGIC, MAP_MAGIC, SEEK_MAGIC, SEEK_TAIL = (
    0x184D2A50, 0x184D2A51, 0x184D2A52, 0x184D2A5E, 0x8F92EAB1)
RECORD_SIZE = 16384
BLOCK = 1 << 17


def skippable(magic, payload):
    return struct.pack("<II", magic, len(payload)) + payload


def rle(blocks, window_log=20):
    """blocks * 128 KiB of zeros."""
    frame = bytearray(struct.pack("<IBB", 0xFD2FB528, 0, (window_log - 10) << 3))
    for i in range(blocks):
        frame += struct.pack("<I", BLOCK << 3 | 1 << 1 | (i == blocks - 1))[:3] + b"\0"
    return bytes(frame)


def sized(content_size):
    """A frame that states its size, and brings four bytes."""
    return (struct.pack("<IBQ", 0xFD2FB528, 0xE0, content_size) + struct.pack("<I", 4 << 3 | 1)[:3] + b"abcd")


def table(entries, count=None):
    body = b"".join(struct.pack("<II", *entry) for entry in entries)
    body += struct.pack("<IBI", len(entries) if count is None else count, 0, SEEK_TAIL)
    return skippable(SEEK_MAGIC, body)


def dump(record, frames, size, count=None, **fields):
    """frames: (bytes, compressed size or None for the true one, size)."""
    text = json.dumps({**record, "size_dump": size, **fields}).encode()
    first = skippable(RECORD_MAGIC, text.ljust(RECORD_SIZE - 8, b"\0"))
    entries = [(RECORD_SIZE, 0)]
    entries += [(len(frame) if compressed is None else compressed, n) for frame, compressed, n in frames]
    return first + b"".join(frame for frame, _, _ in frames) + table(entries, count)


PT_LOAD, PT_NOTE, PN_XNUM = 1, 4, 0xFFFF
HEADER_MAX = 256 << 20  # CORE_HEADER_MAX of filter/core.h
MEMORY = 4096


def core(record, count, notes, size):
    """A core with so many program headers and so much of notes, in a frame of size bytes, and a page of memory."""
    at = 64 + 56 * count
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 4, 62, 1, 0, 64, 0, 0, 64, 56, min(count, PN_XNUM),
                       0, 0, 0)
    head += struct.pack("<IIQQQQQQ", PT_NOTE, 0, at, 0, 0, notes, 0, 4)
    head += struct.pack("<IIQQQQQQ", PT_LOAD, 6, size, 0x1000, 0, MEMORY, MEMORY, 4096)
    first = bytearray(struct.pack("<IBB", 0xFD2FB528, 0, 10 << 3))
    first += struct.pack("<I", len(head) << 3)[:3] + head
    left = size - len(head)
    while left:
        now = min(left, BLOCK)
        left -= now
        first += struct.pack("<I", now << 3 | 1 << 1 | (left == 0))[:3] + b"\0"
    memory = struct.pack("<IBB", 0xFD2FB528, 0, 10 << 3) + struct.pack("<I", MEMORY << 3 | 1 << 1 | 1)[:3] + b"\0"
    return dump(record, [(bytes(first), None, size), (memory, None, MEMORY)], size + MEMORY, size_header=size)


def map_of_names():
    """The drop map as a frame: 21 million names of one letter, and no range."""
    head = struct.pack("<IIIII", 0x70614D64, 1, 0, 21_000_000, 0)
    body = subprocess.run(["zstd", "-1", "-q", f"--stream-size={len(head) + 63_000_000}"], check=True,
                          input=head + b"\1\0x" * 21_000_000, stdout=subprocess.PIPE).stdout
    return skippable(MAP_MAGIC, body)


def bombs(record):
    small, large = rle(16), rle(8192)
    hello = struct.pack("<IBB", 0xFD2FB528, 0x20, 5) + struct.pack("<I", 5 << 3 | 1)[:3] + b"hello"
    yield "1-GiB-said-to-be-5", dump(record, [(large, None, 5)], 5)
    yield "1-GiB-said-to-be-2-MiB", dump(record, [(large, None, 2 << 20)], 2 << 20)
    yield "1-GiB-said-to-be-100-MiB", dump(record, [(large, None, 100 << 20)], 100 << 20)
    yield "2-MiB-said-to-be-4-GiB", dump(record, [(small, None, 0xFFFFFFFF)], 0xFFFFFFFF)
    yield "10-GiB-promised", dump(record, [(small, None, 2 << 20)], 10 << 30)
    for log in (24, 27, 31):
        yield f"window-{log}", dump(record, [(rle(16, log), None, 2 << 20)], 2 << 20)
        yield f"large-window-{log}", dump(record, [(rle(32, log), None, 4 << 20)], 4 << 20)
    for size in (1 << 62, 1 << 32, 6, 3):
        yield f"content-size-{size}", dump(record, [(sized(size), None, 4)], 4)
    nested = hello
    for _ in range(1000):
        nested = skippable(SLACK_MAGIC, nested)
    yield "nested-skippable", dump(record, [(nested, None, 5)], 5)
    yield "skippable-with-a-frame", dump(record, [(skippable(SLACK_MAGIC, b"") + hello, None, 5)], 5)
    yield "frame-beyond-the-end", dump(record, [(hello, 0xFFFFFFFF, 5)], 5)
    yield "frames-overlap", dump(record, [(hello, 10, 5), (hello, None, 5)], 10)
    yield "empty-frame", dump(record, [(hello, None, 5), (b"", 0, 5)], 10)
    yield "4-billion-frames", dump(record, [(hello, None, 5)], 5, count=0xFFFFFFFF)
    yield "537-million-frames", dump(record, [(hello, None, 5)], 5, count=0x20000001)
    yield "record-deep", dump({}, [(hello, None, 5)], 5, x=json.loads("[" * 900 + "]" * 900), pid="deep")
    yield "map-of-names", dump(record, [(hello, None, 5), (map_of_names(), None, 0)], 5)
    # What a giant's core has for real: who plans anew reads it whole.
    yield "headers-of-notes", core(record, 2, (255 << 20) - 176, 255 << 20)
    yield "headers-of-segments", core(record, (HEADER_MAX - 64) // 56, 0, HEADER_MAX)
    yield "headers-and-slack", core(record, 2, HEADER_MAX - 176, 512 << 20)


def write_all(good, directory):
    with open(good, "rb") as file:
        record = json.loads(file.read(RECORD_SIZE)[8:].rstrip(b"\0"))
    os.makedirs(directory)
    for name, content in bombs(record):
        with open(os.path.join(directory, name), "wb") as file:
            file.write(content)


def cost(seconds, mib, command):
    status = subprocess.run(command, check=False).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = used.ru_utime + used.ru_stime
    if took >= seconds or used.ru_maxrss >= mib * 1024:
        print(f"{took:.2f} s of a processor, {used.ru_maxrss >> 10} MiB: {' '.join(command)}", file=sys.stderr)
        sys.exit(99)
    sys.exit(status if status >= 0 else 128 - status)


if sys.argv[1] == "--cost":
    cost(float(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
write_all(sys.argv[1], sys.argv[2])
