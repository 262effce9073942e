# SPDX-License-Identifier: MIT
"""table.py FIGURES: prints build/fidelity.json as a table, and every bar that is missed.

A cell is "percent same", and where something is not the same "/unavailable/wrong", as counts.
"""
import json
import sys

COLUMNS = (("frames", "frames"), ("locals", "locals"), ("pointees", "pointees"),
           ("fields", "their fields'"), ("libraries", "DSOs"), ("threads", "threads"),
           ("tls", "TLS"), ("globals", "globals"), ("siginfo", "siginfo"))
PRETTY = (("pretty", "locals, printed"), ("py-bt", "py-bt"))
# Percent same at least, by type; of the types that are not here, nothing may be wrong.
BARS = {
    "mini": {"frames": 100, "locals": 100, "libraries": 100, "threads": 100, "tls": 100,
             "globals": 100, "siginfo": 100, "pointees": 99, "fields": 97},
    "stacks": {"frames": 100},
}
# Runtimes and kinds of programs beside C, C++ and Python, with the bytes that `mini` may have. Of gtk's 1.3 MB are
# changed pages of libraries, which are kept whatever they cost: Mesa draws with LLVM where there is no other device.
# As much are LLVM's in jit, which may have 300 KB more than without its pointees.
OTHERS = {"java": 5000000, "go": 1200000, "gopanic": 1200000, "node": 1000000, "ruby": 1000000, "gtk": 1800000,
          "postgres": 1000000, "coroutines": 1000000, "jemalloc": 1000000, "tcmalloc": 1000000,
          "libraries": 1000000, "m32": 1000000, "jit": 1650000}
OTHERS_BARS = {**BARS["mini"], "locals": 99}
# What a program has none of; of all else there has to be something to compare.
NONE_OF = {"musl": ("libraries",), "go": ("libraries", "tls"), "gopanic": ("libraries", "tls")}
PRETTY_BARS = {("python", "mini"): {"pretty": 90, "py-bt": 100}}
SIZE_MAX = 2000000
SMALL_PROCESS, SMALL_SIZE_MAX = 30000000, 400000
# Microseconds, of the program with 2 GiB of heap and 200 threads; and no more than twice what
# the same program takes with 64 MiB: it grows with what is kept, not with the process.
PLANNING_PROGRAM, PLANNING_MAX = "heap", 50000
PLANNING_SMALL, PLANNING_FACTOR, PLANNING_NOISE = "heap64", 2, 5000
# The peer is shown, and judged by nobody.
PEER = "minicoredumper"


def percent(row):
    """Rounded down: 100 is all of it."""
    total = sum(row.values())
    return 100 * row["same"] * 100 // total / 100 if total else None


def cell(row):
    if not sum(row.values()):
        return "-"
    text = f"{percent(row):.4g}"
    if row["unavailable"] or row["wrong"]:
        text += f"/{row['unavailable']}/{row['wrong']}"
    return text


def size(number):
    for unit, power in (("G", 1e9), ("M", 1e6), ("K", 1e3)):
        if number >= power:
            return f"{number / power:.3g}{unit}"
    return str(number)


def planning(dump):
    return f"{dump['planning'] / 1000:.1f}" if dump.get("planning") is not None else "-"


def line_of(dump):
    return [dump["program"], dump["type"], *(cell(dump["rows"][row]) for row, _ in COLUMNS),
            size(dump["core"]), size(dump["needed"]["packed"]), size(dump["kept"]), size(dump["size"]), planning(dump)]


def show(head, lines):
    widths = [max(len(line[i]) for line in [head] + lines) for i in range(len(head))]
    for line in [head] + lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip())


def bars_of_rows(dump, bars):
    for row, bar in bars.items():
        counts = dump["rows"][row]
        if sum(counts.values()) and 100 * counts["same"] < bar * sum(counts.values()):
            yield f"{row}: {percent(counts)} % same, the bar is {bar} %"


def bars_of_sizes(dump):
    if dump["type"] != "mini":
        return
    if dump["program"] in OTHERS:
        if dump["size"] > OTHERS[dump["program"]]:
            yield f"size: {dump['size']} bytes compressed, the bar is {OTHERS[dump['program']]}"
        return
    if dump["size"] > SIZE_MAX:
        yield f"size: {dump['size']} bytes compressed, the bar is {SIZE_MAX}"
    if dump["core"] <= SMALL_PROCESS and dump["size"] >= SMALL_SIZE_MAX:
        yield f"size: {dump['size']} bytes compressed, the bar for {dump['core']} is {SMALL_SIZE_MAX}"


def bars_of_planning(dump, dumps):
    if dump["type"] != "mini" or dump["program"] != PLANNING_PROGRAM:
        return
    time = dump.get("planning")
    if time is None:
        yield "planning: the record does not have it"
        return
    if time > PLANNING_MAX:
        yield f"planning: {time} us, the bar is {PLANNING_MAX}"
    for other in dumps:
        if other["program"] == PLANNING_SMALL and other["type"] == "mini":
            small = other.get("planning") or 0
            if time > small * PLANNING_FACTOR + PLANNING_NOISE:
                yield f"planning: {time} us, {PLANNING_SMALL} took {small} us"


def bars_of_presence(dump):
    for row, name in COLUMNS:
        if not sum(dump["rows"][row].values()) and row not in NONE_OF.get(dump["program"], ()):
            yield f"{name}: nothing was compared"
    for row in PRETTY_BARS.get((dump["program"], dump["type"]), {}):
        if not sum(dump["rows"][row].values()):
            yield f"{row}: nothing was compared"


def missed(dump, dumps):
    if dump["type"] == PEER:
        return
    for row, counts in dump["rows"].items():
        if counts["wrong"]:
            yield f"{row}: {counts['wrong']} wrong"
    bars = OTHERS_BARS if dump["program"] in OTHERS and dump["type"] == "mini" else BARS.get(dump["type"], {})
    yield from bars_of_rows(dump, bars)
    yield from bars_of_rows(dump, PRETTY_BARS.get((dump["program"], dump["type"]), {}))
    yield from bars_of_presence(dump)
    yield from bars_of_sizes(dump)
    yield from bars_of_planning(dump, dumps)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        dumps = json.load(file)
    print("percent same, /unavailable/wrong where some are. needed: the pages that pointees and those\n"
          "of fields are in, compressed; kept: before compression; planning in ms\n")
    show(["program", "type", *(name for _, name in COLUMNS), "core", "needed", "kept", "stored", "planning"],
         [line_of(dump) for dump in dumps])
    print("\nwith pretty-printers: a value is the whole tree under it\n")
    show(["program", "type", *(name for _, name in PRETTY)],
         [[d["program"], d["type"], *(cell(d["rows"][row]) for row, _ in PRETTY)] for d in dumps
          if sum(d["rows"]["pretty"].values())])
    failed = [f"{d['program']} {d['type']}: {text}" for d in dumps for text in missed(d, dumps)]
    print("\nbars missed:" if failed else "\nall bars are met")
    for text in failed:
        print("  " + text)
    return 1 if failed else 0


sys.exit(main())
