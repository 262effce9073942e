# SPDX-License-Identifier: MIT
"""compare.py FULL DUMP OUT: two walks of one crash, value by value.

A value is *same*, *unavailable* or *wrong* (something else is shown for it). What the full
core does not have is left out: garbage pointers, what was optimized out. OUT has for every
row of the table the three counts, and examples of what is not the same.
"""
import json
import re
import sys

ROWS = ("frames", "locals", "pointees", "fields", "libraries", "threads", "tls", "globals",
        "siginfo", "pretty", "py-bt")
EXAMPLES_MAX = 20
MARKS = ("Cannot access memory", "<unavailable>", "<error", "Unable to read")
# What pretty-printers show instead of a value or of its rest; libpython's catch gdb's errors.
FALLBACK = re.compile(r"<[^<>]* at remote 0x[0-9a-f]+>|<error[^>]*>|<unavailable>"
                      r"|<[^<>]*Cannot access memory[^<>]*>|\.\.\.\(truncated\)"
                      r"|Unable to locate python frame|\(unable to read python frame information\)")
MISSING = ["?", "not in the dump"]


def status(full, dump):
    """None: the full core has no such value."""
    if full[0] in "-?" or all(piece is None for piece in full[1:]):
        return None
    if dump[0] == "?":
        return "unavailable"
    if full[0] != dump[0]:
        return "wrong"
    if full[0] == "t":
        return status_of_text(full[1], dump[1])
    return status_of_bytes(full[1:], dump[1:])


def status_of_text(full, dump):
    if full == dump:
        return "same"
    if any(mark in full for mark in MARKS):
        return None
    return "unavailable" if any(mark in dump for mark in MARKS) else "wrong"


def status_of_bytes(full, dump):
    found = "same"
    for i, piece in enumerate(full):
        if piece is None:
            continue
        # Of a string: its end was not found because a piece is missing.
        other = dump[i] if i < len(dump) else None
        if other is not None and other != piece:
            return "wrong"
        if other is None:
            found = "unavailable"
    return found


class Rows:
    def __init__(self):
        self.rows = {row: {"same": 0, "unavailable": 0, "wrong": 0} for row in ROWS}
        self.examples = {row: [] for row in ROWS}
        self.left_out = dict.fromkeys(ROWS, 0)

    def add(self, row, where, full, dump):
        self.count(row, status(full, dump), where, full, dump)

    def count(self, row, found, where, full, dump):
        if found is None:
            self.left_out[row] += 1
            return
        self.rows[row][found] += 1
        if found == "same":
            return
        examples = self.examples[row]
        if len([e for e in examples if e["status"] == found]) < EXAMPLES_MAX:
            examples.append({"status": found, "where": where, "full": full, "dump": dump})


class Comparison:
    def __init__(self, full, dump):
        self.full, self.dump = full, dump
        self.rows = Rows()

    def run(self):
        for lwp, thread in self.full["threads"].items():
            self.thread(lwp, thread, self.dump["threads"].get(lwp))
        for lwp in self.dump["threads"].keys() - self.full["threads"].keys():
            self.rows.count("threads", "wrong", lwp, None, "a thread that is not there")
        self.flat("globals", self.full["globals"], self.dump["globals"])
        self.libraries()
        if "pretty" in self.full:
            self.pretty()

    def flat(self, row, full, dump, where=""):
        for key, value in full.items():
            self.rows.add(row, where + key, value, dump.get(key, MISSING))

    def libraries(self):
        for library in self.full["libraries"]:
            found = "same" if library in self.dump["libraries"] else "unavailable"
            self.rows.count("libraries", found, library[2], library, None)
        for library in self.dump["libraries"]:
            if library not in self.full["libraries"]:
                self.rows.count("libraries", "wrong", library[2], None, library)

    def thread(self, lwp, full, dump):
        dump = dump or {"identity": None, "frames": [], "end": "", "siginfo": MISSING, "tls": {}}
        self.rows.count("threads", identity_status(full["identity"], dump["identity"]), lwp,
                        full["identity"], dump["identity"])
        self.rows.add("siginfo", lwp, full["siginfo"], dump["siginfo"])
        self.flat("tls", full["tls"], dump["tls"], f"thread {lwp} ")
        for i, frame in enumerate(full["frames"]):
            other = dump["frames"][i] if i < len(dump["frames"]) else None
            self.frame(f"thread {lwp} #{i} {frame['function']}", frame, other, dump["end"])
        for frame in dump["frames"][len(full["frames"]):]:
            self.rows.count("frames", "wrong", f"thread {lwp}", None, shown(frame))

    def frame(self, where, full, dump, end):
        found = frame_status(full, dump)
        self.rows.count("frames", found, where, shown(full), shown(dump) or end)
        others = dump["locals"] if dump and dump["pc"] == full["pc"] else {}
        for key, (value, pointers) in full["locals"].items():
            other, other_pointers = others.get(key, (MISSING, {}))
            self.rows.add("locals", f"{where} {key}", value, other)
            self.pointees(f"{where} {key}", pointers, other_pointers)

    def pointees(self, where, full, dump):
        for path, key in full.items():
            node = self.full["nodes"][key]
            other = self.dump["nodes"].get(dump.get(path), [MISSING])
            self.rows.add("pointees", f"{where}{path} -> {key}", node[0], other[0])
            fields = other[1] if len(other) > 1 else {}
            for field, target in (node[1] if len(node) > 1 else {}).items():
                value = self.dump["nodes"].get(fields.get(field), [MISSING])[0]
                self.rows.add("fields", f"{where}{path} -> {key}{field} -> {target}",
                              self.full["nodes"][target][0], value)

    def pretty(self):
        dump = self.dump.get("pretty", {"locals": {}, "py-bt": ""})
        for lwp, frames in self.full["pretty"]["locals"].items():
            others = dump["locals"].get(lwp, [])
            for i, frame in enumerate(frames):
                other = others[i] if i < len(others) else {}
                for key, text in frame.items():
                    self.rows.count("pretty", pretty_status(text, other.get(key, "<error: no frame>")),
                                    f"thread {lwp} #{i} {key}", text, other.get(key))
        full = self.full["pretty"]["py-bt"]
        if "Traceback" in full:
            self.rows.count("py-bt", pretty_status(full, dump["py-bt"]), "py-bt", full, dump["py-bt"])


def identity_status(full, dump):
    if full == dump:
        return "same"
    # The id without the name and pthread_t: libthread_db lacked something.
    return "unavailable" if dump is None or dump[2] == "" else "wrong"


def shown(frame):
    return frame and [frame["function"], frame["pc"], frame["line"], *frame["registers"]]


def frame_status(full, dump):
    if dump is None:
        return "unavailable"
    if shown(full) == shown(dump):
        return "same"
    for a, b in zip(shown(full), shown(dump)):
        # gdb knows the place, but not whose it is.
        if a != b and b not in ("??", "") and not any(mark in b for mark in MARKS):
            return "wrong"
    return "unavailable"


def pretty_status(full, dump):
    if full is None or full.startswith("<error"):
        return None
    if full == dump:
        return "same"
    if dump is None:
        return "wrong"
    return "unavailable" if FALLBACK.search(dump) and matches(full, dump) else "wrong"


def matches(full, dump):
    """Whether dump is full where it is not a fallback: its parts come in full in that order.
    A fallback is short, so that dump goes on where full was cut off for its length."""
    full, cut, _ = full.partition("...(truncated)")
    position = 0
    for part in FALLBACK.split(dump):
        position = full.find(part, position)
        if position < 0:
            return bool(cut)
        position += len(part)
    return True


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main():
    full, dump = load(sys.argv[1]), load(sys.argv[2])
    comparison = Comparison(full, dump)
    comparison.run()
    with open(sys.argv[3], "w", encoding="utf-8") as out:
        json.dump({"rows": comparison.rows.rows, "left_out": comparison.rows.left_out,
                   "examples": comparison.rows.examples,
                   "seconds": [full["seconds"], dump["seconds"]]}, out, indent=1)


if __name__ == "__main__":
    main()
