# SPDX-License-Identifier: MIT
"""Stored files made to harm their reader, out of one good one: hostile_file.py GOOD DIR.

Frames are written by hand: raw and RLE blocks are enough to promise and to bring anything.
Names that begin with ok- have the good content in a legal, if unusual, form.
"""
import json
import os
import struct
import sys

RECORD_MAGIC, SLACK_MAGIC = 0x184D2A50, 0x184D2A51
RECORD_SIZE = 16384


def skippable(magic, payload):
    return struct.pack("<II", magic, len(payload)) + payload


def record_frame(text):
    payload = text if isinstance(text, bytes) else json.dumps(text).encode()
    return skippable(RECORD_MAGIC, payload.ljust(RECORD_SIZE - 8, b"\0"))


def rle_frame(blocks, size=1 << 17, window_log=None):
    """blocks * size bytes of zeros in 4 bytes per block; no content size, no checksum."""
    exponent = (window_log or 20) - 10
    frame = struct.pack("<IBB", 0xFD2FB528, 0, exponent << 3)
    for i in range(blocks):
        header = (size << 3) | (1 << 1) | (1 if i == blocks - 1 else 0)
        frame += struct.pack("<I", header)[:3] + b"\0"
    return frame


def sized_frame(content_size):
    """A frame that states its size, and brings four bytes."""
    block = struct.pack("<I", (4 << 3) | 1)[:3] + b"abcd"
    return struct.pack("<IB", 0xFD2FB528, 0xE0) + struct.pack("<Q", content_size) + block


def main():
    with open(sys.argv[1], "rb") as file:
        good = file.read()
    out = sys.argv[2]
    os.makedirs(out)
    record = json.loads(good[8:RECORD_SIZE].rstrip(b"\0"))
    body = good[RECORD_SIZE:]

    def write(name, *parts):
        with open(os.path.join(out, name), "wb") as file:
            for part in parts:
                file.write(part)

    def with_fields(**fields):
        return record_frame({**record, **fields})

    write("bomb", record_frame(record), rle_frame(80000))
    write("bomb-promised", with_fields(size_dump=80000 << 17, size_core=80000 << 17), rle_frame(80000)[:-4])
    write("window", record_frame(record), rle_frame(4, window_log=31))
    write("content-size", record_frame(record), sized_frame(1 << 62))
    write("no-frames", record_frame(record))
    write("only-skippable", record_frame(record), skippable(SLACK_MAGIC, b"x" * 1000) * 100)
    write("skippable-too-long", record_frame(record), struct.pack("<II", SLACK_MAGIC, 0xFFFFFFFF))
    write("record-too-long", struct.pack("<II", RECORD_MAGIC, 0xFFFFFFF0), good[8:])
    write("size-smaller", with_fields(size_dump=record["size_dump"] - 1), body)
    write("size-larger", with_fields(size_dump=record["size_dump"] + 1), body)
    write("size-negative", with_fields(size_dump=-1), body)
    write("size-text", with_fields(size_dump="many"), body)
    write("json-none", record_frame(b"{not json"), body)
    write("json-deep", record_frame(b"[" * 16000), body)
    write("json-deep-member", record_frame(b'{"x":' * 3000), body)
    write("json-array", record_frame(b"[1,2,3]"), body)
    write("json-empty", record_frame(b""), body)
    write("json-not-utf8", record_frame(b'{"id":"\xff\xfe"}'), body)
    write("json-full", record_frame(b'{"id":"' + b"a" * (RECORD_SIZE - 8 - 9) + b'"}'), body)
    write("json-id-path", with_fields(id="../../../etc/passwd"), body)
    write("other-compressor", b"\x1f\x8b\x08\0" + good[4:])
    # Content as ever; what people are shown must be harmless.
    write("ok-escapes", with_fields(comm="\\x1b[31mred\\x0a", exe="/\\x1b]0;title\\x07", cmdline="\\x9b"), body)
    write("ok-raw-escapes", with_fields(reason="\u001b[31m\u0007\u009b", hostname="\u202e"), body)
    write("numbers", with_fields(signal=999999, pid=-7, timestamp=9223372036854775807, threads=-1), body)
    write("ok-unknown-members", with_fields(future={"a": [1]}), body)


main()
