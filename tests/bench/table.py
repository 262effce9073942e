# SPDX-License-Identifier: MIT
"""build/bench.json as a table, and the bars. Also by hand: table.py FIGURES."""
import json
import sys

from crashes import CRASHES
from handlers import HANDLERS

# Of the cores: handlers that use all of them notice more than that.
BUSY = 0.25
HEAD = ["crash", "handler", "held s", "min .. max", "durable s", "min .. max", "CPU s", "kernel's",
        "peak MiB", "stored"]


def seconds(value):
    return f"{value:.4f}" if value < 0.1 else f"{value:.3f}" if value < 10 else f"{value:.1f}"


def size(value):
    for unit, power in (("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)):
        if value >= power:
            return f"{value / power:.4g}{unit}"
    return str(value) if value else "-"


def both_ends(spread):
    return f"{seconds(spread['min'])} .. {seconds(spread['max'])}"


def line_of(row):
    return [row["crash"], row["handler"], seconds(row["held"]["median"]), both_ends(row["held"]),
            seconds(row["durable"]["median"]), both_ends(row["durable"]),
            seconds(row["cpu"]["median"]), seconds(row["kernel_cpu"]["median"]),
            f"{row['rss']['max'] / (1 << 20):.1f}" if row["rss"]["max"] else "-",
            size(row["size"]["median"])]


def lines(head, rows):
    """Names to the left, numbers to the right; a blank line where the first column changes."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    before = None
    for row in [head, *rows]:
        if before not in (None, row[0]):
            yield ""
        before = row[0]
        yield "  ".join(text.ljust(width) if i < 2 else text.rjust(width)
                        for i, (text, width) in enumerate(zip(row, widths))).rstrip()


def value_of(figure, value):
    if value is None:
        return "-"
    if figure in ("rss", "size"):
        return size(value)
    return f"{value:.3g}" if figure == "factor" else seconds(value) + " s"


def bar_line(bar):
    ratio = f"{bar['ratio']:.4g}" if "ratio" in bar else ""
    return [bar["state"], bar["bar"], value_of(bar["figure"], bar["measured"]),
            value_of(bar["figure"], bar["limit"]), ratio, bar["rule"]]


def show_bars(bars):
    judged = [bar for bar in bars if bar["state"] != "not measured"]
    if judged:
        head = ["", "bar", "measured", "at most", "ratio", "which is"]
        widths = [max(len(row[i]) for row in [head, *map(bar_line, judged)]) for i in range(5)]
        print()
        for row in [head, *map(bar_line, judged)]:
            print("  ".join([*(text.ljust(width) for text, width in zip(row, widths)), row[5]]))
    missed = sum(bar["state"] == "MISSED" for bar in bars)
    print(f"\nbars: {len(judged) - missed} met, {missed} missed, {len(bars) - len(judged)} not measured")


def show(figures):
    machine = figures["machine"]
    print(f"{machine['cores']} cores, {machine['processor']}, Linux {machine['kernel']}, dumps on "
          f"{machine['file_system']}; medians of {figures['rounds']} rounds. CPU and peak: of the "
          "handler;\nkernel's: CPU of the process that crashed, after that. "
          "stored: bytes on disk.\n")
    for line in lines(HEAD, [line_of(row) for row in figures["rows"]]):
        print(line)
    print("\n" + "\n".join(f"{name}: {CRASHES[name].title}" for name in CRASHES
                           if any(row["crash"] == name for row in figures["rows"])))
    for name in HANDLERS:
        if any(row["handler"] == name for row in figures["rows"]):
            print(f"{name}: {HANDLERS[name].title}")
    if figures.get("against"):
        print(f"the other build: {figures['against']}")
    for key in figures["unknown_keys"]:
        print(f"note: this dumpd does not know {key}=; the handlers that have it are not what they say")
    if machine["load_before"] > BUSY * machine["cores"]:
        print(f"note: the machine was busy before (load {machine['load_before']:.1f}): "
              "times are larger, and further apart, than they would be")
    show_bars(figures["bars"])
    for failure in figures["failures"]:
        print(f"failed: {failure}")


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as given:
        show(json.load(given))
