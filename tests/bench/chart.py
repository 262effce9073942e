# SPDX-License-Identifier: MIT
"""A chart of build/bench.json for the README, as SVG: how long the process was held, on a log scale.

Also by hand: chart.py FIGURES >FILE.
"""
import json
import math
import sys
from html import escape

from crashes import CRASHES
from handlers import HANDLERS

CRASHES_SHOWN = ("tiny", "threads", "sparse", "dense", "reserve", "huge")
COLUMNS, PANEL_WIDTH, LABEL_WIDTH, VALUE_WIDTH, GAP = 2, 450, 172, 60, 24
ROW, BAR, HEAD, FOOT, TOP = 18, 12, 26, 22, 44
SMALLEST, LARGEST = 0.001, 100  # seconds; the axis is longer if it has to be
KIND = {"floor": "bound", "drain": "bound", "mini": "ours", "heap": "ours", "full": "ours",
        "full-2g": "ours", "full-off": "ours", "mini-late": "ours", "late-2g": "ours", "full-late": "ours"}

# It follows the reader's scheme, with a ground of its own: the page around it may not.
STYLE = """
.ground { fill: #ffffff }
text { font: 12px system-ui, sans-serif; fill: #24292f; stroke: #ffffff; stroke-width: 3px;
       paint-order: stroke }
.head { font-weight: 600 } .title { font-size: 15px; font-weight: 600 }
.grid { stroke: #d0d7de } .axis { fill: #57606a; font-size: 10px }
.ours { fill: #1a7f37 } .bound { fill: #9198a1 } .peer { fill: #bc4c00 }
.spread { stroke: #24292f; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117 } text { fill: #e6edf3; stroke: #0d1117 } .grid { stroke: #3d444d } .axis { fill: #9198a1 }
  .ours { fill: #3fb950 } .bound { fill: #6e7681 } .peer { fill: #db6d28 }
  .spread { stroke: #e6edf3 }
}
"""


def seconds(value):
    return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"


class Scale:
    def __init__(self, rows):
        self.low = math.log10(SMALLEST)
        self.high = math.ceil(max([math.log10(LARGEST), *(math.log10(row["held"]["max"])
                                                          for row in rows)]))
        self.width = PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH

    def at(self, value):
        part = (math.log10(max(value, SMALLEST)) - self.low) / (self.high - self.low)
        return LABEL_WIDTH + part * self.width

    def marks(self):
        return [10.0 ** power for power in range(round(self.low), self.high + 1)]


def bar(row, scale, y):
    held, handler = row["held"], row["handler"]
    middle, end = y + ROW / 2, scale.at(held["median"])
    yield (f'<text x="{LABEL_WIDTH - 6}" y="{middle + 4}" text-anchor="end">'
           f'{escape(HANDLERS[handler].title)}</text>')
    yield (f'<rect class="{KIND.get(handler, "peer")}" x="{LABEL_WIDTH}" y="{middle - BAR / 2}" '
           f'width="{max(1, end - LABEL_WIDTH):.1f}" height="{BAR}" rx="2"/>')
    low, high = scale.at(held["min"]), scale.at(held["max"])
    yield f'<line class="spread" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>'
    yield f'<text x="{max(end, high) + 5:.1f}" y="{middle + 4}">{seconds(held["median"])}</text>'


def panel(crash, rows, scale):
    bottom = HEAD + len(rows) * ROW
    yield f'<text class="head" x="0" y="14">{escape(CRASHES[crash].title)}</text>'
    for mark in scale.marks():
        x = scale.at(mark)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{HEAD - 4}" y2="{bottom}"/>'
        yield f'<text class="axis" x="{x:.1f}" y="{bottom + 12}" text-anchor="middle">{seconds(mark)}</text>'
    for i, row in enumerate(rows):
        yield from bar(row, scale, HEAD + i * ROW)


def panels(figures):
    """[(crash, its rows in the order of HANDLERS)]"""
    order = list(HANDLERS)
    for crash in CRASHES_SHOWN:
        rows = sorted((row for row in figures["rows"] if row["crash"] == crash),
                      key=lambda row: order.index(row["handler"]))
        if rows:
            yield crash, rows


def draw(figures):
    shown = list(panels(figures))
    scale = Scale([row for _, rows in shown for row in rows])
    parts, y = [], TOP
    for first in range(0, len(shown), COLUMNS):
        line = shown[first:first + COLUMNS]
        for column, (crash, rows) in enumerate(line):
            parts.append(f'<g transform="translate({GAP + column * (PANEL_WIDTH + GAP)} {y})">')
            parts.extend(panel(crash, rows, scale))
            parts.append("</g>")
        y += HEAD + max(len(rows) for _, rows in line) * ROW + FOOT + GAP / 2
    width = GAP + min(COLUMNS, max(1, len(shown))) * (PANEL_WIDTH + GAP)
    machine = figures["machine"]
    title = "How long a handler holds the process that crashed (log scale; line: min to max)"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y:g}" '
        f'viewBox="0 0 {width} {y:g}" role="img">',
        f"<title>{escape(title)}, {machine['cores']} cores, Linux {escape(machine['kernel'])}</title>",
        f"<style>{STYLE}</style>", f'<rect class="ground" width="{width}" height="{y:g}" rx="6"/>',
        f'<text class="title" x="{GAP}" y="24">{escape(title)}</text>',
        *parts, "</svg>", ""])


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as given:
        sys.stdout.write(draw(json.load(given)))
