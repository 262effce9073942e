# SPDX-License-Identifier: MIT
"""compare.py's judgement, row by row: what is the same, what is missing, what is a lie."""
import unittest

import compare

A, B, C = "aa" * 8, "bb" * 8, "cc" * 8


class Status(unittest.TestCase):
    def check(self, rows, judge):
        for full, dump, want in rows:
            with self.subTest(full=full, dump=dump):
                self.assertEqual(judge(full, dump), want)

    def test_values(self):
        self.check([
            (["b", A], ["b", A], "same"),
            (["b", A], ["b", B], "wrong"),
            (["b", A], ["b", "00" * 8], "wrong"),
            (["b", A], ["b", None], "unavailable"),
            (["b", A], compare.MISSING, "unavailable"),
            # A part is missing: never the same. A part differs: wrong, whatever is missing.
            (["b", A, B], ["b", A, None], "unavailable"),
            (["b", A, B], ["b", None, C], "wrong"),
            (["b", A, B], ["b", C, None], "wrong"),
            (["b", A, B], ["b", A], "unavailable"),
            # The full core lacks it too.
            (["b", None], ["b", None], None),
            (["b", None], ["b", A], None),
            (["b", A, None], ["b", A, None], "same"),
            (["?", "Cannot access memory"], ["b", A], None),
            (["-", "optimized out"], ["-", "optimized out"], None),
            (["t", "0x10"], ["t", "0x10"], "same"),
            (["t", "0x10"], ["t", "0x11"], "wrong"),
            (["t", "0x10"], ["t", "<unavailable>"], "unavailable"),
            (["t", "0x10"], ["-", "optimized out"], "wrong"),
            (["t", "{a = <error: Cannot access memory at address 0x1>}"], ["t", "x"], None),
        ], compare.status)

    def test_frames(self):
        def frame(function, pc, register, line="a.c:1"):
            return {"function": function, "pc": pc, "line": line, "registers": [register]}

        one = frame("f", "0x1", "0x2")
        self.check([
            (one, one, "same"),
            (one, None, "unavailable"),
            (one, frame("??", "0x1", "0x2", ""), "unavailable"),
            (one, frame("g", "0x1", "0x2"), "wrong"),
            (one, frame("??", "0x3", "0x2", ""), "wrong"),
            (one, frame("f", "0x1", "0x3"), "wrong"),
            (one, frame("f", "0x1", "<unavailable>"), "unavailable"),
        ], compare.frame_status)

    def test_pretty(self):
        self.check([
            ("{'a': 1, 'b': 2}", "{'a': 1, 'b': 2}", "same"),
            ("{'a': 1, 'b': 2}", "{'a': 1, 'b': 3}", "wrong"),
            ("{'a': 1, 'b': 2}", "{'a': 1, 'b': <unknown at remote 0x7f00>}", "unavailable"),
            ("{'a': 1, 'b': 2}", "{'a': 5, 'b': <unknown at remote 0x7f00>}", "wrong"),
            ("std::map with 2 elements = {[1] = 2}", "std::map with 2 elements<error reading "
             "variable: Cannot access memory at address 0x18>", "unavailable"),
            ("std::vector of length 3", "std::vector of length 0", "wrong"),
            ("[{'a': 1...(truncated), 7]", "[{'a': <unknown at remote 0x7f00>}, 7]", "unavailable"),
            ("[{'a': 1...(truncated), 7]", "[{'a': 2}, 7]", "wrong"),
            ("Traceback: one, two", "Unable to locate python frame", "unavailable"),
            ("<error: none>", "1", None),
            (None, None, None),
        ], compare.pretty_status)

    def test_threads(self):
        self.check([
            (["(1, 2, 0)", "", "ab"], ["(1, 2, 0)", "", "ab"], "same"),
            (["(1, 2, 0)", "", "ab"], ["(1, 2, 0)", "", ""], "unavailable"),
            (["(1, 2, 0)", "", "ab"], ["(1, 2, 0)", "", "cd"], "wrong"),
            (["(1, 2, 0)", "", "ab"], None, "unavailable"),
        ], compare.identity_status)


def walk(value, text="one", libraries=(("0x1", "0x2", "/lib/a"),)):
    """One thread, one frame, one local that points to a node that points to a string."""
    local = [["b", A], {"": "0x10 node"}]
    frame = {"function": "f", "pc": "0x1", "line": "", "registers": [], "locals": {"p": local}}
    thread = {"identity": ["(1, 1, 0)", "", ""], "frames": [frame], "end": "",
              "siginfo": ["t", "s"], "tls": {"errno": ["b", B]}}
    return {"threads": {"1": thread}, "libraries": [list(l) for l in libraries],
            "globals": {"g": value}, "seconds": 0,
            "nodes": {"0x10 node": [value, {".name": "0x20 char"}], "0x20 char": [["b", text]]}}


class Walks(unittest.TestCase):
    def counts(self, full, dump):
        comparison = compare.Comparison(full, dump)
        comparison.run()
        return {row: tuple(c.values()) for row, c in comparison.rows.rows.items() if any(c.values())}

    def test_same(self):
        full = walk(["b", A])
        rows = ("frames", "locals", "pointees", "fields", "libraries", "threads", "tls", "globals",
                "siginfo")
        self.assertEqual(self.counts(full, full), {row: (1, 0, 0) for row in rows})

    def test_wrong(self):
        counts = self.counts(walk(["b", A]), walk(["b", B], "two"))
        for row in ("pointees", "fields", "globals"):
            self.assertEqual(counts[row], (0, 0, 1), row)
        self.assertEqual(counts["locals"], (1, 0, 0))

    def test_missing(self):
        dump = walk(["b", None], libraries=())
        del dump["nodes"]["0x20 char"]
        counts = self.counts(walk(["b", A]), dump)
        for row in ("pointees", "fields", "globals", "libraries"):
            self.assertEqual(counts[row], (0, 1, 0), row)

    def test_no_thread(self):
        dump = walk(["b", A])
        dump["threads"] = {"2": dump["threads"]["1"]}
        counts = self.counts(walk(["b", A]), dump)
        self.assertEqual(counts["threads"], (0, 1, 1))
        for row in ("frames", "locals", "pointees", "fields", "tls", "siginfo"):
            self.assertEqual(counts[row], (0, 1, 0), row)

    def test_more_frames(self):
        dump = walk(["b", A])
        dump["threads"]["1"]["frames"] *= 2
        self.assertEqual(self.counts(walk(["b", A]), dump)["frames"], (1, 0, 1))


if __name__ == "__main__":
    unittest.main()
