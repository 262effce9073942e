# SPDX-License-Identifier: MIT
"""The drop map of a dump against the dump itself.

    memory_map.py check JSON DUMP CORE   what `info --memory --json` says: kept is what DUMP (an
                                         extracted core) has, and all of it is what CORE names
    memory_map.py strip FROM TO          a stored dump without the map's frame, as older ones
"""
import json
import struct
import sys

MAP_MAGIC, SEEK_MAGIC, SEEK_TAIL = 0x184D2A52, 0x184D2A5E, 0x8F92EAB1


def joined(pairs):
    out = []
    for start, end in sorted(pairs):
        if start < end and out and out[-1][1] == start:
            out[-1][1] = end
        elif start < end:
            out.append([start, end])
    return out


def loads(path):
    with open(path, "rb") as file:
        data = file.read(16 << 20)
    phoff, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for i in range(count):
        kind, flags, _, vaddr, _, filesz, memsz, _ = struct.unpack_from("<IIQQQQQQ", data, phoff + i * size)
        if kind == 1:
            yield vaddr, filesz, memsz, flags


def check(maps, dump, core):
    with open(maps, encoding="utf-8") as file:
        (answer,) = json.load(file)
    assert answer["derived"] is False
    ranges = [(int(r["start"], 16), int(r["end"], 16), r) for r in answer["ranges"]]
    assert ranges
    for (_, end, _), (start, _, _) in zip(ranges, ranges[1:]):
        assert end <= start, f"ranges overlap at {start:#x}"
    kept = joined((s, e) for s, e, r in ranges if r["fate"] == "kept")
    assert kept == joined((v, v + f) for v, f, _, _ in loads(dump)), "kept is not what the dump has"
    whole = joined((s, e) for s, e, _ in ranges)
    assert whole == joined((v, v + m) for v, _, m, _ in loads(core)), "the map is not of the whole space"
    for vaddr, _, memsz, flags in loads(core):
        text = "".join(c if flags & bit else "-" for c, bit in (("r", 4), ("w", 2), ("x", 1)))
        inside = [r for s, e, r in ranges if vaddr <= s and e <= vaddr + memsz]
        assert inside and all(r["permissions"] == text for r in inside), f"permissions at {vaddr:#x}"


def strip(source, target):
    with open(source, "rb") as file:
        data = file.read()
    count, = struct.unpack_from("<I", data, len(data) - 9)
    table = len(data) - 17 - 8 * count
    compressed, size = struct.unpack_from("<II", data, table + 8 + 8 * (count - 1))
    magic, = struct.unpack_from("<I", data, table - compressed)
    assert size == 0 and magic == MAP_MAGIC, "the last frame is no drop map"
    entries = data[table + 8:table + 8 + 8 * (count - 1)]
    with open(target, "wb") as file:
        file.write(data[:table - compressed])
        file.write(struct.pack("<II", SEEK_MAGIC, len(entries) + 9) + entries)
        file.write(struct.pack("<IBI", count - 1, 0, SEEK_TAIL))


{"check": check, "strip": strip}[sys.argv[1]](*sys.argv[2:])
