# SPDX-License-Identifier: MIT
"""needed.py WALK CORE: how little could be enough. Prints the pages that hold what locals and the
pointers in their pointees lead to, as a count, and their size when zstd has them all at once.

No dump that shows these values is smaller: a bar that asks for less cannot be met, whatever
the filter does.
"""
import json
import re
import subprocess
import sys

PAGE = 4096
STRING = 32


def pages_of(nodes):
    pages = set()
    for key, node in nodes.items():
        if node[0][0] == "b" and node[0][1:] and node[0][1] is not None:
            address, name = key.split(" ", 1)
            size = int(name.rsplit("/", 2)[1])
            size = STRING if size == 1 else size
            pages.update(range(int(address, 16) & -PAGE, int(address, 16) + size, PAGE))
    return pages


def segments(core):
    """[(address, offset, size)]"""
    text = subprocess.run(["readelf", "-lW", core], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    found = re.findall(r"^  LOAD\s+0x(\w+)\s+0x(\w+)\s+0x\w+\s+0x(\w+)", text, re.M)
    return sorted((int(address, 16), int(offset, 16), int(size, 16))
                  for offset, address, size in found)


def contents(core, pages):
    """In order of addresses, both; what the core does not have is in a file."""
    loads = segments(core)
    with open(core, "rb") as file:
        for page in sorted(pages):
            while loads and loads[0][0] + loads[0][2] <= page:
                loads.pop(0)
            if loads and loads[0][0] <= page:
                file.seek(loads[0][1] + page - loads[0][0])
                yield file.read(PAGE)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        pages = pages_of(json.load(file)["nodes"])
    data = b"".join(contents(sys.argv[2], pages))
    packed = subprocess.run(["zstd", "-3", "-c", "-q"], input=data, stdout=subprocess.PIPE, check=True)
    print(json.dumps({"pages": len(data) // PAGE, "packed": len(packed.stdout)}))


main()
